// The frame of a page: trail, heading, and its resource's failure or its content.
import BreadcrumbGroup from "@cloudscape-design/components/breadcrumb-group";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type ReactNode, useEffect } from "react";
import { texts } from "../texts.ts";

export interface Crumb {
  text: string;
  href: string;
}

interface Props {
  title: string;
  description?: ReactNode;
  crumbs: Crumb[];
  actions?: ReactNode;
  children: ReactNode;
}

export function Page({ title, description, crumbs, actions, children }: Props) {
  useEffect(() => {
    document.title = `${title} – ${texts.product}`;
  }, [title]);
  return (
    <ContentLayout
      breadcrumbs={<BreadcrumbGroup items={[...crumbs, { text: title, href: window.location.hash || "#/" }]} />}
      header={
        <Header variant="h1" description={description} actions={actions && <div className="actions">{actions}</div>}>
          {title}
        </Header>
      }
    >
      <SpaceBetween size="l">{children}</SpaceBetween>
    </ContentLayout>
  );
}
