// Which page is shown: the part of the address after '#', as AWS's consoles do it. The server sees one page only.
import { useSyncExternalStore } from "react";

export interface Location {
  path: string;
  query: URLSearchParams;
}

export type Parameters = Record<string, string>;

export function parseLocation(hash: string): Location {
  const [path = "", query = ""] = hash.replace(/^#/, "").split("?", 2);
  return { path: path || "/", query: new URLSearchParams(query) };
}

/** An address inside the console; parts are encoded, so that an ARN is one part. */
export function href(parts: readonly string[], query: Record<string, string> = {}): string {
  const search = new URLSearchParams(query).toString();
  return `#/${parts.map(encodeURIComponent).join("/")}${search ? `?${search}` : ""}`;
}

export function navigate(to: string): void {
  window.location.hash = to;
}

export function useLocation(): Location {
  const hash = useSyncExternalStore(onHashChange, () => window.location.hash);
  return parseLocation(hash);
}

function onHashChange(changed: () => void): () => void {
  window.addEventListener("hashchange", changed);
  return () => window.removeEventListener("hashchange", changed);
}

/** The parameters of a path that fits a pattern such as `iam/roles/:name`; nothing when it does not fit. */
export function match(pattern: string, path: string): Parameters | undefined {
  const wanted = pattern.split("/");
  const given = path.replace(/^\//, "").split("/");
  if (wanted.length !== given.length) return undefined;
  const parameters: Parameters = {};
  for (const [at, part] of wanted.entries()) {
    const value = given[at] ?? "";
    if (part.startsWith(":")) parameters[part.slice(1)] = decoded(value);
    else if (part !== value) return undefined;
  }
  return parameters;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
