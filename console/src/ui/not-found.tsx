import Link from "@cloudscape-design/components/link";
import { texts } from "../texts.ts";
import { Page } from "./page.tsx";

export function NotFound({ path }: { path: string }) {
  return (
    <Page title={texts.notFound.title} crumbs={[]}>
      <div>
        {texts.notFound.text(path)} <Link href="#/">{texts.notFound.home}</Link>
      </div>
    </Page>
  );
}
