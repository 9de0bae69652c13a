import { type DescribeExecutionOutput, RedriveExecutionCommand, StopExecutionCommand } from "@aws-sdk/client-sfn";
import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import { useClients } from "../../session/session.ts";
import { texts } from "../../texts.ts";
import { Confirm } from "../../ui/confirm.tsx";
import { useNotify } from "../../ui/notices.tsx";
import { StartExecution } from "../start-execution.tsx";

interface Props {
  execution: DescribeExecutionOutput;
  onChanged: () => void;
}

const words = texts.execution;

export function ExecutionActions({ execution, onChanged }: Props) {
  const { sfn } = useClients();
  const notify = useNotify();
  const [open, setOpen] = useState<"stop" | "redrive" | "new">();
  const { executionArn } = execution;
  const close = () => setOpen(undefined);
  const isRunning = execution.status === "RUNNING";
  const isRedrivable = ["FAILED", "ABORTED", "TIMED_OUT"].includes(execution.status ?? "");
  const stop = async () => {
    await sfn.send(new StopExecutionCommand({ executionArn }));
    notify(words.stopped);
    onChanged();
  };
  const redrive = async () => {
    await sfn.send(new RedriveExecutionCommand({ executionArn }));
    notify(words.redriven);
    onChanged();
  };
  return (
    <>
      <Button iconName="refresh" ariaLabel={texts.action.refresh} onClick={onChanged} />
      <Button disabled={!isRunning} onClick={() => setOpen("stop")}>{words.stop}</Button>
      <Button disabled={!isRedrivable} onClick={() => setOpen("redrive")}>{words.redrive}</Button>
      <Button variant="primary" onClick={() => setOpen("new")}>{words.again}</Button>
      {open === "stop" && <Confirm header={words.stopHeader} text={words.stopText} button={words.stop} onConfirm={stop} onClose={close} />}
      {open === "redrive" && <Confirm header={words.redriveHeader} text={words.redriveText} button={words.redrive} onConfirm={redrive} onClose={close} />}
      {open === "new" && <StartExecution arn={execution.stateMachineArn ?? ""} type="STANDARD" input={execution.input} onClose={close} />}
    </>
  );
}
