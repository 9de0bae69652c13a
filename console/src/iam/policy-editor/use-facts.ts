import { useEffect, useState } from "react";
import { serviceFacts, servicePrefixes, type ServiceFacts } from "../../aws/reference.ts";
import { useResource } from "../../aws/use-resource.ts";
import type { Facts } from "./policy-findings.ts";

/** Facts of the services that a text mentions; they arrive one by one. */
export function useFacts(text: string): { facts: Facts; prefixes: string[] } {
  const prefixes = useResource(servicePrefixes, []).value ?? [];
  const [facts, setFacts] = useState<Facts>(new Map<string, ServiceFacts>());
  const mentioned = [...new Set([...text.matchAll(/"([\w-]+):[\w*?]+"/g)].map((found) => found[1]?.toLowerCase() ?? ""))];
  const wanted = mentioned.filter((prefix) => prefixes.includes(prefix)).sort().join(" ");
  useEffect(() => {
    for (const prefix of wanted.split(" ").filter(Boolean)) {
      // Without facts a name is not judged: nothing to say when they do not come.
      serviceFacts(prefix).then((loaded) => setFacts((before) => new Map(before).set(prefix, loaded)), () => undefined);
    }
  }, [wanted]);
  return { facts, prefixes };
}
