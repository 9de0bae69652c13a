// What is wrong or risky in an identity policy, found while it is typed. The server checks again when it is saved.
import type { ServiceFacts } from "../../aws/reference.ts";
import { texts } from "../../texts.ts";
import type { Finding } from "../../ui/json-editor/editor-props.ts";
import { isObject, parseJson } from "../../ui/json-text.ts";

const words = texts.policyFindings;

export type Facts = ReadonlyMap<string, ServiceFacts>;

export function policyFindings(text: string, facts: Facts = new Map(), prefixes: readonly string[] = []): Finding[] {
  const { value, finding } = parseJson(text);
  if (finding) return [finding];
  if (!isObject(value)) return [{ severity: "error", message: words.noObject, pointer: "" }];
  const statements = value["Statement"] === undefined ? [] : [value["Statement"]].flat();
  if (statements.length === 0) return [{ severity: "error", message: words.noStatement, pointer: "" }];
  const isList = Array.isArray(value["Statement"]);
  return statements.flatMap((statement, at) => statementFindings(statement, isList ? `/Statement/${at}` : "/Statement", facts, prefixes));
}

function statementFindings(statement: unknown, pointer: string, facts: Facts, prefixes: readonly string[]): Finding[] {
  if (!isObject(statement)) return [{ severity: "error", message: words.noObject, pointer }];
  const found: Finding[] = [];
  const add = (severity: Finding["severity"], message: string, at = "") => found.push({ severity, message, pointer: `${pointer}${at}` });
  if (statement["Effect"] !== "Allow" && statement["Effect"] !== "Deny") add("error", words.effect, "/Effect");
  if ("Principal" in statement || "NotPrincipal" in statement) add("error", words.principal, "/Principal");
  const actions = [statement["Action"] ?? []].flat().map(String);
  const resources = [statement["Resource"] ?? []].flat().map(String);
  if (actions.length === 0 && !("NotAction" in statement)) add("error", words.noAction);
  if (resources.length === 0 && !("NotResource" in statement)) add("error", words.noResource);
  for (const resource of resources) {
    if (resource !== "*" && !/^arn:[^:]*:[^:]*:[^:]*:[^:]*:.+|\$\{/.test(resource)) add("error", words.resource(resource), "/Resource");
  }
  for (const action of actions) {
    const problem = actionProblem(action, facts, prefixes);
    if (problem) add(problem.severity, problem.message, "/Action");
  }
  const isAllowed = statement["Effect"] === "Allow";
  if (isAllowed && actions.includes("*") && resources.includes("*")) add("warning", words.administrator);
  else if (isAllowed && resources.includes("*") && actions.some((action) => action.endsWith(":*"))) add("warning", words.broad);
  return found;
}

function actionProblem(action: string, facts: Facts, prefixes: readonly string[]): Pick<Finding, "severity" | "message"> | undefined {
  if (action === "*") return undefined;
  const [prefix = "", name] = action.split(":", 2);
  if (!name) return { severity: "error", message: words.action(action) };
  if (/[*?]/.test(action)) return undefined;
  if (prefixes.length > 0 && !prefixes.includes(prefix.toLowerCase())) return { severity: "warning", message: words.service(prefix) };
  const known = facts.get(prefix.toLowerCase());
  const isKnown = !known || Object.keys(known.actions).some((candidate) => candidate.toLowerCase() === name.toLowerCase());
  return isKnown ? undefined : { severity: "warning", message: words.unknownAction(action) };
}
