import { Handle, type NodeProps, Position } from "@xyflow/react";

export interface StateNodeData {
  name: string;
  type: string;
  detail: string;
  isContainer: boolean;
  status: string | undefined;
  problem: string | undefined;
  isSelected: boolean;
}

export function StateNode({ data }: NodeProps) {
  const { name, type, detail, isContainer, status, problem, isSelected } = data as unknown as StateNodeData;
  const classes = ["state-node", isContainer ? "is-container" : "", status ? `status-${status.toLowerCase()}` : "", isSelected ? "is-selected" : ""];
  return (
    <div className={classes.filter(Boolean).join(" ")} title={problem}>
      <Handle type="target" position={Position.Top} isConnectable={false} />
      <span className="state-type">{detail ? `${type} · ${detail}` : type}</span>
      <span className="state-name">{problem && <span aria-hidden="true">⚠ </span>}{name}</span>
      <Handle type="source" position={Position.Bottom} isConnectable={false} />
    </div>
  );
}

export function EndNode({ data }: NodeProps) {
  return (
    <div className="end-node">
      <Handle type="target" position={Position.Top} isConnectable={false} />
      {(data as { text: string }).text}
      <Handle type="source" position={Position.Bottom} isConnectable={false} />
    </div>
  );
}
