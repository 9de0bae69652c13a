// What is wrong or risky in a trust policy, found while it is typed. The server checks again when it is saved.
import { texts } from "../texts.ts";
import type { Finding } from "../ui/json-editor/editor-props.ts";
import { isObject, parseJson } from "../ui/json-text.ts";

const words = texts.trustFindings;

export function trustFindings(text: string, knownServices: readonly string[] = []): Finding[] {
  const { value, finding } = parseJson(text);
  if (finding) return [finding];
  if (!isObject(value)) return [{ severity: "error", message: words.noObject, pointer: "" }];
  const found: Finding[] = [];
  if (value["Version"] !== "2012-10-17") found.push({ severity: "warning", message: words.version, pointer: "/Version" });
  const statements = [value["Statement"]].flat();
  if (value["Statement"] === undefined || statements.length === 0) {
    return [...found, { severity: "error", message: words.noStatement, pointer: "" }];
  }
  const isList = Array.isArray(value["Statement"]);
  statements.forEach((statement, at) => {
    const pointer = isList ? `/Statement/${at}` : "/Statement";
    found.push(...statementFindings(statement, pointer, knownServices));
  });
  return found;
}

function statementFindings(statement: unknown, pointer: string, knownServices: readonly string[]): Finding[] {
  if (!isObject(statement)) return [{ severity: "error", message: words.noObject, pointer }];
  const found: Finding[] = [];
  const error = (message: string, at = "") => found.push({ severity: "error", message, pointer: `${pointer}${at}` });
  const warn = (message: string, at = "") => found.push({ severity: "warning", message, pointer: `${pointer}${at}` });
  if (statement["Effect"] !== "Allow" && statement["Effect"] !== "Deny") error(words.effect, "/Effect");
  if ("Resource" in statement || "NotResource" in statement) error(words.resource, "/Resource");
  const actions = [statement["Action"] ?? []].flat().map(String);
  if (actions.length === 0 && !("NotAction" in statement)) error(words.noAction);
  for (const action of actions.filter((action) => !/^sts:/i.test(action))) error(words.action(action), "/Action");
  if (!("Principal" in statement) && !("NotPrincipal" in statement)) error(words.noPrincipal);
  if (statement["Effect"] === "Allow") found.push(...principalFindings(statement, pointer, knownServices, warn));
  return found;
}

function principalFindings(
  statement: Record<string, unknown>,
  pointer: string,
  knownServices: readonly string[],
  warn: (message: string, at?: string) => void,
): Finding[] {
  const principal = statement["Principal"];
  const hasCondition = isObject(statement["Condition"]) && Object.keys(statement["Condition"]).length > 0;
  if ((principal === "*" || (isObject(principal) && [principal["AWS"]].flat().includes("*"))) && !hasCondition) {
    warn(words.everybody, "/Principal");
  }
  if (!isObject(principal)) return [];
  const services = [principal["Service"] ?? []].flat().map(String);
  for (const service of services) {
    if (!service.endsWith(".amazonaws.com")) warn(words.service(service), "/Principal/Service");
    else if (knownServices.length > 0 && !knownServices.includes(service)) warn(words.unknownService(service), "/Principal/Service");
  }
  const mentionsSource = JSON.stringify(statement["Condition"] ?? {}).toLowerCase();
  const isHeld = mentionsSource.includes("aws:sourcearn") || mentionsSource.includes("aws:sourceaccount");
  return services.includes("states.amazonaws.com") && !isHeld
    ? [{ severity: "info", message: words.confusedDeputy, pointer: `${pointer}/Principal` }]
    : [];
}
