import "@xyflow/react/dist/style.css";
import "./graph.css";
import { Background, Controls, type Edge, MarkerType, type Node, ReactFlow } from "@xyflow/react";
import { useMemo, useSyncExternalStore } from "react";
import { texts } from "../../texts.ts";
import { isDarkNow, onAppearance } from "../../ui/appearance.ts";
import { parseJson } from "../../ui/json-text.ts";
import type { GraphProps } from "./graph-props.ts";
import { layout, type Placed } from "./layout.ts";
import { outline } from "./outline.ts";
import { EndNode, StateNode, type StateNodeData } from "./state-node.tsx";

const TYPES = { state: StateNode, end: EndNode };

export default function DefinitionGraphView({ definition, statuses, problems, selected, onSelect }: GraphProps) {
  const isDark = useSyncExternalStore(onAppearance, isDarkNow);
  const placed = useMemo(() => layout(outline(parseJson(definition).value)), [definition]);
  const nodes = useMemo(() => toNodes(placed, { statuses, problems, selected }), [placed, statuses, problems, selected]);
  const edges = useMemo(() => toEdges(placed), [placed]);
  if (placed.nodes.length === 0) return <div className="graph graph-empty">{texts.graph.empty}</div>;
  return (
    <div className="graph" role="group" aria-label={texts.graph.label}>
      <ReactFlow
        // Another shape is fitted anew; another status is not.
        key={placed.nodes.map(({ id }) => id).join()}
        nodes={nodes}
        edges={edges}
        nodeTypes={TYPES}
        colorMode={isDark ? "dark" : "light"}
        nodesDraggable={false}
        nodesConnectable={false}
        edgesFocusable={false}
        onNodeClick={(_, node) => select(node, onSelect)}
        onSelectionChange={({ nodes: [node] }) => node && select(node, onSelect)}
        fitView
        fitViewOptions={{ padding: 0.1, maxZoom: 1 }}
        minZoom={0.05}
        proOptions={{ hideAttribution: true }}
      >
        <Background />
        <Controls showInteractive={false} />
      </ReactFlow>
    </div>
  );
}

function select(node: Node, onSelect: GraphProps["onSelect"]): void {
  const { name } = node.data as Partial<StateNodeData>;
  if (name) onSelect?.(name);
}

function toNodes(placed: Placed, { statuses, problems, selected }: Pick<GraphProps, "statuses" | "problems" | "selected">): Node[] {
  return placed.nodes.map(({ id, parent, kind, state, x, y, width, height }) => {
    const place = { id, position: { x, y }, width, height, ...(parent !== undefined && { parentId: parent }) };
    if (!state) return { ...place, type: "end", focusable: false, selectable: false, data: { text: kind === "start" ? texts.graph.start : texts.graph.end } };
    const status = statuses?.get(state.name);
    const problem = problems?.get(state.name);
    const data: StateNodeData = { name: state.name, type: state.type, detail: state.detail, isContainer: kind === "container", status, problem, isSelected: state.name === selected };
    return { ...place, type: "state", data: { ...data }, ariaLabel: texts.graph.node(state.name, state.type, status && (texts.status[status] ?? status), problem) };
  });
}

function toEdges(placed: Placed): Edge[] {
  return placed.edges.map(({ id, from, to, label }) => ({
    id, source: from, target: to, label, type: "smoothstep", zIndex: 1, markerEnd: { type: MarkerType.ArrowClosed },
    ...(label.startsWith("Catch") && { style: { strokeDasharray: "5 4" } }),
  }));
}
