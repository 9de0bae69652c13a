// Every page and its address. Pages load when they are first opened.
import { type ComponentType, lazy, type ReactNode } from "react";
import { match, type Parameters } from "./router.ts";
import { NotFound } from "./ui/not-found.tsx";

type PageComponent = ComponentType<{ parameters: Parameters }>;

const page = (load: () => Promise<{ default: PageComponent }>) => lazy(load);

const ROUTES: [string, PageComponent][] = [
  ["", page(() => import("./home-page.tsx"))],
  ["states/machines", page(() => import("./states/machines-page.tsx"))],
  ["states/machines/create", page(() => import("./states/create-machine-page.tsx"))],
  ["states/machines/:arn", page(() => import("./states/machine-page.tsx"))],
  ["states/machines/:arn/edit", page(() => import("./states/edit-machine-page.tsx"))],
  ["states/executions/:arn", page(() => import("./states/execution-page.tsx"))],
  ["states/map-runs/:arn", page(() => import("./states/map-run-page.tsx"))],
  ["states/activities", page(() => import("./states/activities-page.tsx"))],
  ["states/test", page(() => import("./states/test-state/test-state-page.tsx"))],
  ["iam/roles", page(() => import("./iam/roles-page.tsx"))],
  ["iam/roles/create", page(() => import("./iam/create-role/create-role-page.tsx"))],
  ["iam/roles/:name", page(() => import("./iam/role-page.tsx"))],
  ["iam/:kind/:name/inline-policy", page(() => import("./iam/inline-policy-page.tsx"))],
  ["iam/:kind/:name/inline-policy/:policy", page(() => import("./iam/inline-policy-page.tsx"))],
  ["iam/policies", page(() => import("./iam/policies-page.tsx"))],
  ["iam/policies/create", page(() => import("./iam/create-policy-page.tsx"))],
  ["iam/policies/:arn", page(() => import("./iam/policy-page.tsx"))],
  ["iam/policies/:arn/edit", page(() => import("./iam/edit-policy-page.tsx"))],
  ["iam/users", page(() => import("./iam/users-page.tsx"))],
  ["iam/users/:name", page(() => import("./iam/user-page.tsx"))],
  ["iam/groups", page(() => import("./iam/groups-page.tsx"))],
  ["iam/groups/:name", page(() => import("./iam/group-page.tsx"))],
  ["iam/simulator", page(() => import("./iam/simulator-page.tsx"))],
  ["decisions", page(() => import("./decisions/decisions-page.tsx"))],
  ["lambda/functions", page(() => import("./lambda/functions-page.tsx"))],
  ["lambda/functions/create", page(() => import("./lambda/create-function-page.tsx"))],
  ["lambda/functions/:name", page(() => import("./lambda/function-page.tsx"))],
];

/** The page of a path; one that says so when there is none. A page is made anew for other parameters. */
export function findPage(path: string): ReactNode {
  for (const [pattern, Component] of ROUTES) {
    const parameters = match(pattern, path);
    if (parameters) return <Component key={path} parameters={parameters} />;
  }
  return <NotFound path={path} />;
}
