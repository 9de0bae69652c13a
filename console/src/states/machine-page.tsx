import { DeleteStateMachineCommand, DescribeStateMachineCommand, type DescribeStateMachineOutput } from "@aws-sdk/client-sfn";
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useState } from "react";
import { useResource } from "../aws/use-resource.ts";
import { href, navigate, type Parameters } from "../router.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { Arn, nameOf } from "../ui/arn.tsx";
import { Confirm } from "../ui/confirm.tsx";
import { Facts } from "../ui/facts.tsx";
import { Loaded } from "../ui/loading.tsx";
import { useNotify } from "../ui/notices.tsx";
import { Page } from "../ui/page.tsx";
import { Time } from "../ui/time.tsx";
import { Aliases } from "./aliases.tsx";
import { DefinitionTab } from "./definition-tab.tsx";
import { ExecutionsTable } from "./executions-table.tsx";
import { MachineTags } from "./machine-tags.tsx";
import { StartExecution } from "./start-execution.tsx";
import { Versions } from "./versions.tsx";

const words = texts.machine;

export default function MachinePage({ parameters }: { parameters: Parameters }) {
  const { sfn } = useClients();
  const notify = useNotify();
  const arn = parameters["arn"] ?? "";
  const [open, setOpen] = useState<"start" | "delete">();
  const machine = useResource(() => sfn.send(new DescribeStateMachineCommand({ stateMachineArn: arn })), [sfn, arn]);
  const name = machine.value?.name ?? nameOf(arn);
  const remove = async () => {
    await sfn.send(new DeleteStateMachineCommand({ stateMachineArn: arn }));
    notify(texts.done.deleted(texts.machines.one, name));
    navigate("#/states/machines");
  };
  const actions = (
    <>
      <Button onClick={() => setOpen("delete")}>{texts.action.delete}</Button>
      <Button href={href(["states", "machines", arn, "edit"])}>{texts.action.edit}</Button>
      <Button variant="primary" disabled={!machine.value} onClick={() => setOpen("start")}>{texts.machines.start}</Button>
    </>
  );
  return (
    <Page title={name} crumbs={[{ text: texts.navigation.stepFunctions, href: "#/states/machines" }, { text: texts.machines.title, href: "#/states/machines" }]} actions={actions}>
      <Loaded resource={machine}>{(value) => <Details machine={value} />}</Loaded>
      {open === "start" && <StartExecution arn={arn} type={machine.value?.type} onClose={() => setOpen(undefined)} />}
      {open === "delete" && <Confirm header={texts.confirm.delete(texts.machines.one, name)} text={texts.machines.deleteText} button={texts.action.delete} typed={name} onConfirm={remove} onClose={() => setOpen(undefined)} />}
    </Page>
  );
}

function Details({ machine }: { machine: DescribeStateMachineOutput }) {
  const arn = machine.stateMachineArn ?? "";
  return (
    <SpaceBetween size="l">
      <Facts
        title={words.details}
        facts={[
          ["ARN", <Arn arn={arn} />],
          [texts.machines.type, machine.type],
          [words.status, machine.status],
          [words.role, <Link href={href(["iam", "roles", nameOf(machine.roleArn)])}>{nameOf(machine.roleArn)}</Link>],
          [texts.role.created, <Time at={machine.creationDate} />],
          [words.revision, machine.revisionId ?? "–"],
        ]}
      />
      <Tabs
        tabs={[
          { id: "executions", label: words.executions, content: <ExecutionsTable machine={machine} /> },
          { id: "definition", label: words.definition, content: <DefinitionTab definition={machine.definition ?? ""} /> },
          { id: "versions", label: words.versions, content: <Versions arn={arn} type={machine.type} /> },
          { id: "aliases", label: words.aliases, content: <Aliases arn={arn} type={machine.type} /> },
          { id: "tags", label: texts.tags.title, content: <MachineTags arn={arn} /> },
        ]}
      />
    </SpaceBetween>
  );
}
