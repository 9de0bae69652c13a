import {
  DeleteRolePermissionsBoundaryCommand, DeleteUserPermissionsBoundaryCommand, type Policy, PutRolePermissionsBoundaryCommand,
  PutUserPermissionsBoundaryCommand,
} from "@aws-sdk/client-iam";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import type { Clients } from "../aws/clients.ts";
import { useAction } from "../aws/use-action.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { Arn } from "../ui/arn.tsx";
import { Failure } from "../ui/failure.tsx";
import type { Identity } from "./identities.ts";
import { PolicyPicker } from "./policy-picker.tsx";

interface Props {
  identity: Identity;
  boundary: string | undefined;
  onChanged: () => void;
}

const words = texts.boundary;

/** The most that a role or user can be allowed. */
export function BoundarySection({ identity, boundary, onChanged }: Props) {
  const { iam } = useClients();
  const [isChoosing, setChoosing] = useState(false);
  const [chosen, setChosen] = useState<Policy[]>([]);
  const action = useAction();
  const set = (arn: string | undefined) => void action.run(async () => {
    await setBoundary(iam, identity, arn);
    setChoosing(false);
    onChanged();
  });
  return (
    <ExpandableSection variant="container" headerText={words.title} headerDescription={boundary ? words.set : words.unset} defaultExpanded={boundary !== undefined}>
      <SpaceBetween size="m">
        <Box variant="p">{words.description}</Box>
        {boundary && <Arn arn={boundary} />}
        <Failure error={action.error} />
        {isChoosing && <PolicyPicker title={words.choose} selected={chosen} onSelect={setChosen} selectionType="single" />}
        <SpaceBetween direction="horizontal" size="xs">
          {isChoosing
            ? <Button variant="primary" disabled={!chosen[0]} loading={action.isRunning} onClick={() => set(chosen[0]?.Arn)}>{words.setButton}</Button>
            : <Button onClick={() => setChoosing(true)}>{boundary ? words.change : words.setButton}</Button>}
          {boundary && <Button loading={action.isRunning} onClick={() => set(undefined)}>{words.remove}</Button>}
        </SpaceBetween>
      </SpaceBetween>
    </ExpandableSection>
  );
}

async function setBoundary(iam: Clients["iam"], { kind, name }: Identity, PermissionsBoundary: string | undefined): Promise<void> {
  if (kind === "users") {
    if (PermissionsBoundary) await iam.send(new PutUserPermissionsBoundaryCommand({ UserName: name, PermissionsBoundary }));
    else await iam.send(new DeleteUserPermissionsBoundaryCommand({ UserName: name }));
  } else if (PermissionsBoundary) {
    await iam.send(new PutRolePermissionsBoundaryCommand({ RoleName: name, PermissionsBoundary }));
  } else {
    await iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName: name }));
  }
}
