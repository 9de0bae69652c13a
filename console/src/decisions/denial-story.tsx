import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { texts } from "../texts.ts";
import { Code } from "../ui/code.tsx";
import { isObject, parseJson } from "../ui/json-text.ts";
import { type ExplainedStatement, parseExplanation } from "./explanation.ts";
import { type Holder, holderOf, whereToFix } from "./holder.ts";

/** A call that IAM refused, whoever tells of it: the log, an execution's history or the simulator. */
export interface DeniedCall {
  principal: string;
  action: string;
  resource: string;
  /** AWS's sentence. */
  message?: string;
  explanation?: string;
  /** The statement that would allow it. */
  fix?: string;
}

const words = texts.denial;

/** Who wanted what on what, why IAM said no, and what would change that: for who has never read a policy. */
export function DenialStory({ call }: { call: DeniedCall }) {
  const holder = holderOf(call.principal);
  const { missing, statements } = parseExplanation(call.explanation ?? "");
  const denying = statements.find(({ effect, applies }) => effect === "Deny" && applies);
  return (
    <SpaceBetween size="m">
      <Alert type="error" header={words.headline(holder.name, call.action, thing(call.resource))}>
        {denying ? words.explicit(denying.policy, denying.statement) : words.missing(missing ?? "", holder)}
      </Alert>
      <Request call={call} holder={holder} />
      {call.explanation && <Why holder={holder} statements={statements} missing={missing} />}
      {call.fix && !denying && <Fix call={{ ...call, fix: call.fix }} holder={holder} missing={missing} />}
      {denying && <Box variant="p">{words.explicitFix(denying.policy, denying.statement)}</Box>}
      {call.message && (
        <ExpandableSection headerText={words.sentence}>
          <pre className="code" tabIndex={0} role="region" aria-label={words.sentence}>{call.message}</pre>
        </ExpandableSection>
      )}
    </SpaceBetween>
  );
}

/** The three parts of every question that IAM is asked. */
function Request({ call, holder }: { call: DeniedCall; holder: Holder }) {
  const parts = [
    { label: words.who, main: holder.name, detail: holder.arn },
    { label: words.what, main: call.action, detail: "" },
    { label: words.which, main: thing(call.resource), detail: call.resource },
  ];
  return (
    <ol className="request" aria-label={words.request}>
      {parts.map(({ label, main, detail }) => (
        <li key={label}>
          <span className="request-label">{label}</span>
          <strong>{main}</strong>
          {detail && detail !== main && <span className="request-detail">{detail}</span>}
        </li>
      ))}
    </ol>
  );
}

function Why({ holder, statements, missing }: { holder: Holder; statements: ExplainedStatement[]; missing: string | undefined }) {
  return (
    <section aria-label={words.why}>
      <SpaceBetween size="xs">
        <Box variant="h4">{words.why}</Box>
        {statements.length === 0
          ? <Box variant="p">{words.noStatements(holder, missing ?? words.policy)}</Box>
          : <Box variant="p">{words.looked(statements.length)}</Box>}
        <ul className="statements">
          {statements.map((statement) => (
            <li key={`${statement.kind} ${statement.policy} ${statement.statement}`}>
              <StatusIndicator type={indicator(statement)}>{words.statement(statement.policy, statement.statement, statement.kind)}</StatusIndicator>
              <div className="statement-reason">{words.reason(statement.effect, statement.reason)}</div>
            </li>
          ))}
        </ul>
      </SpaceBetween>
    </section>
  );
}

function indicator({ effect, applies }: ExplainedStatement): "success" | "error" | "stopped" {
  if (!applies) return "stopped";
  return effect === "Allow" ? "success" : "error";
}

function Fix({ call, holder, missing }: { call: DeniedCall & { fix: string }; holder: Holder; missing: string | undefined }) {
  const place = whereToFix(holder, missing, call.fix);
  return (
    <section aria-label={words.fix}>
      <SpaceBetween size="xs">
        <Box variant="h4">{words.fix}</Box>
        <Box variant="p">{words.fixText(holder, missing)}</Box>
        <Code label={words.fix} text={call.fix} />
        {place && <Button href={place.href} iconName="add-plus">{place.text}</Button>}
      </SpaceBetween>
    </section>
  );
}

/** The part of an ARN that people gave a name to, when it is an ARN. */
function thing(resource: string): string {
  if (!resource.startsWith("arn:")) return resource;
  return resource.split(":").slice(5).join(":") || resource;
}

/** The name of a policy that is made of a fix: `AllowLambdaInvokeFunction`. */
export function policyNameFor(fix: string): string {
  const { value } = parseJson(fix);
  const action = isObject(value) && typeof value["Action"] === "string" ? value["Action"] : "";
  return `Allow${action.split(":").map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join("")}`.replace(/[^\w+=,.@-]/g, "");
}
