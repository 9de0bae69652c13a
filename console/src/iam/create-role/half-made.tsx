import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { texts } from "../../texts.ts";
import { Failure } from "../../ui/failure.tsx";
import type { Left } from "./create-role.ts";

interface Props {
  name: string;
  left: Left;
  isRunning: boolean;
  onRetry: () => void;
  onKeep: () => void;
  onDelete: () => void;
}

const words = texts.createRole.made;

/** The role was made, and something that belongs to it was refused: what now? */
export function HalfMade({ name, left, isRunning, onRetry, onKeep, onDelete }: Props) {
  return (
    <SpaceBetween size="m">
      <Alert type="warning" header={words.half(name)}>
        <Box variant="p">{words.halfText}</Box>
        <ul>{left.steps.map(({ text }) => <li key={text}>{text}</li>)}</ul>
      </Alert>
      <Failure error={left.error} />
      <SpaceBetween direction="horizontal" size="xs">
        <Button variant="primary" loading={isRunning} onClick={onRetry}>{texts.action.retry}</Button>
        <Button disabled={isRunning} onClick={onKeep}>{words.keep}</Button>
        <Button disabled={isRunning} onClick={onDelete}>{words.remove}</Button>
      </SpaceBetween>
    </SpaceBetween>
  );
}
