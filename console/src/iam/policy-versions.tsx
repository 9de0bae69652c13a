import {
  DeletePolicyVersionCommand, GetPolicyVersionCommand, ListPolicyVersionsCommand, type PolicyVersion, SetDefaultPolicyVersionCommand,
} from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useAction } from "../aws/use-action.ts";
import { useResource } from "../aws/use-resource.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { Code } from "../ui/code.tsx";
import { Failure } from "../ui/failure.tsx";
import { ResourceTable } from "../ui/resource-table.tsx";
import { Time } from "../ui/time.tsx";
import { decodeDocument } from "./trust.ts";

interface Props {
  arn: string;
  isOwn: boolean;
  onChanged: () => void;
}

const words = texts.policy;

export function PolicyVersions({ arn, isOwn, onChanged }: Props) {
  const { iam } = useClients();
  const [selected, setSelected] = useState<PolicyVersion[]>([]);
  const action = useAction();
  const versions = useResource(async () => (await iam.send(new ListPolicyVersionsCommand({ PolicyArn: arn }))).Versions ?? [], [iam, arn]);
  const chosen = selected[0];
  const id = { PolicyArn: arn, VersionId: chosen?.VersionId };
  const document = useResource(
    async () => (chosen ? decodeDocument((await iam.send(new GetPolicyVersionCommand(id))).PolicyVersion?.Document) : ""),
    [iam, arn, chosen?.VersionId],
  );
  const change = (act: () => Promise<unknown>) => void action.run(async () => {
    await act();
    setSelected([]);
    versions.reload();
    onChanged();
  });
  const isFixed = !chosen || chosen.IsDefaultVersion === true || !isOwn;
  return (
    <SpaceBetween size="m">
      <Failure error={action.error} />
      <ResourceTable
        title={words.versions}
        description={words.versionsDescription}
        resource={versions}
        columns={[
          { id: "id", header: words.version, isRowHeader: true, cell: ({ VersionId, IsDefaultVersion }: PolicyVersion) => `${VersionId}${IsDefaultVersion ? ` (${words.default})` : ""}` },
          { id: "created", header: texts.role.created, cell: ({ CreateDate }: PolicyVersion) => <Time at={CreateDate} /> },
        ]}
        keyOf={({ VersionId = "" }) => VersionId}
        searchable={({ VersionId = "" }) => VersionId}
        emptyText={texts.none}
        selected={selected}
        onSelect={setSelected}
        actions={
          <>
            <Button disabled={isFixed} onClick={() => change(() => iam.send(new DeletePolicyVersionCommand(id)))}>{texts.action.delete}</Button>
            <Button disabled={isFixed} onClick={() => change(() => iam.send(new SetDefaultPolicyVersionCommand(id)))}>{words.setDefault}</Button>
          </>
        }
      />
      {chosen && document.value && (
        <Container header={<Header variant="h3">{chosen.VersionId}</Header>}><Code label={words.document} text={document.value} /></Container>
      )}
    </SpaceBetween>
  );
}
