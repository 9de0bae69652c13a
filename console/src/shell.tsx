import AppLayout from "@cloudscape-design/components/app-layout";
import SideNavigation, { type SideNavigationProps } from "@cloudscape-design/components/side-navigation";
import { Suspense } from "react";
import { useLocation } from "./router.ts";
import { findPage } from "./routes.tsx";
import { texts } from "./texts.ts";
import { Loading } from "./ui/loading.tsx";
import { Notices } from "./ui/notices.tsx";
import { ErrorBoundary } from "./ui/error-boundary.tsx";

const words = texts.navigation;
const items: SideNavigationProps.Item[] = [
  { type: "section", text: words.stepFunctions, items: [
    { type: "link", text: words.stateMachines, href: "#/states/machines" },
    { type: "link", text: words.activities, href: "#/states/activities" },
    { type: "link", text: words.testState, href: "#/states/test" },
  ] },
  { type: "section", text: words.iam, items: [
    { type: "link", text: words.roles, href: "#/iam/roles" },
    { type: "link", text: words.policies, href: "#/iam/policies" },
    { type: "link", text: words.users, href: "#/iam/users" },
    { type: "link", text: words.groups, href: "#/iam/groups" },
    { type: "link", text: words.simulator, href: "#/iam/simulator" },
    { type: "link", text: words.decisions, href: "#/decisions" },
  ] },
  { type: "section", text: words.lambda, items: [
    { type: "link", text: words.functions, href: "#/lambda/functions" },
  ] },
];

export function Shell() {
  const location = useLocation();
  const page = findPage(location.path);
  return (
    <AppLayout
      headerSelector="#top"
      toolsHide
      navigationWidth={240}
      navigation={
        <SideNavigation header={{ text: texts.product, href: "#/" }} items={items} activeHref={activeHref(location.path)} />
      }
      notifications={<Notices />}
      content={
        <ErrorBoundary key={location.path}>
          <Suspense fallback={<Loading />}>{page}</Suspense>
        </ErrorBoundary>
      }
    />
  );
}

/** `#/iam/roles` for every page below it. */
function activeHref(path: string): string {
  return `#/${path.split("/").filter(Boolean).slice(0, 2).join("/")}`;
}
