import "@xyflow/react/dist/style.css";
import "./graph.css";
import { Background, Controls, type Edge, MarkerType, MiniMap, type Node, ReactFlow, type ReactFlowInstance } from "@xyflow/react";
import { useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { texts } from "../../texts.ts";
import { isDarkNow, onAppearance } from "../../ui/appearance.ts";
import { parseJson } from "../../ui/json-text.ts";
import type { GraphProps } from "./graph-props.ts";
import { layout, originOf, type Placed, type Point } from "./layout.ts";
import { outline } from "./outline.ts";
import { WayEdge } from "./way-edge.tsx";
import { EndNode, StateNode, type StateNodeData } from "./state-node.tsx";

/** Smaller than this nothing can be read: a larger graph is shown from its beginning instead of whole. */
const READABLE_ZOOM = 0.4;
const FIRST_ZOOM = 0.75;
/** From so many on there is an overview, and only what is in sight is drawn. */
const LARGE = 40;
const FIT = { padding: 0.1, maxZoom: 1 };
const NODES = { state: StateNode, end: EndNode };
const EDGES = { way: WayEdge };

export default function DefinitionGraphView({ definition, statuses, problems, selected, onSelect }: GraphProps) {
  const isDark = useSyncExternalStore(onAppearance, isDarkNow);
  const placed = useMemo(() => layout(outline(parseJson(definition).value)), [definition]);
  const nodes = useMemo(() => toNodes(placed, { statuses, problems, selected }), [placed, statuses, problems, selected]);
  const edges = useMemo(() => toEdges(placed), [placed]);
  const frame = useRef<HTMLDivElement>(null);
  const isLarge = placed.nodes.length >= LARGE;
  const flow = useRef<ReactFlowInstance>(undefined);
  const show = () => {
    const { clientWidth = 0, clientHeight = 0 } = frame.current ?? {};
    if (Math.min(clientWidth / placed.width, clientHeight / placed.height) >= READABLE_ZOOM) {
      void flow.current?.fitView(FIT);
      return;
    }
    const first = placed.nodes.find(({ kind }) => kind === "start") ?? placed.nodes[0];
    if (first) void flow.current?.setViewport({ x: clientWidth / 2 - (first.x + first.width / 2) * FIRST_ZOOM, y: 16 - first.y * FIRST_ZOOM, zoom: FIRST_ZOOM });
  };
  const latest = useRef(show);
  latest.current = show;
  const isEmpty = placed.nodes.length === 0;
  useEffect(() => {
    if (!frame.current) return undefined;
    // Another size is fitted anew: the columns of a page find their width after the graph is drawn first.
    const observer = new ResizeObserver(() => latest.current());
    observer.observe(frame.current);
    return () => observer.disconnect();
  }, [isEmpty]);
  if (isEmpty) return <div className="graph graph-empty">{texts.graph.empty}</div>;
  return (
    <div ref={frame} className="graph" role="group" aria-label={texts.graph.label}>
      <ReactFlow
        // Another shape is fitted anew; another status is not.
        key={placed.nodes.map(({ id }) => id).join()}
        nodes={nodes}
        edges={edges}
        nodeTypes={NODES}
        edgeTypes={EDGES}
        colorMode={isDark ? "dark" : "light"}
        nodesDraggable={false}
        nodesConnectable={false}
        edgesFocusable={false}
        onNodeClick={(_, node) => select(node, onSelect)}
        onSelectionChange={({ nodes: [node] }) => node && select(node, onSelect)}
        onInit={(made) => { flow.current = made; show(); }}
        onlyRenderVisibleElements={isLarge}
        fitView
        fitViewOptions={FIT}
        minZoom={0.05}
        proOptions={{ hideAttribution: true }}
      >
        <Background />
        <Controls showInteractive={false} />
        {isLarge && <MiniMap pannable zoomable nodeColor="#7d8998" ariaLabel={texts.graph.overview} />}
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
  return placed.edges.map(({ id, from, to, label, points, middle, parent }) => {
    const origin = originOf(placed, parent);
    const absolute = ({ x, y }: Point) => ({ x: x + origin.x, y: y + origin.y });
    return {
      id, source: from, target: to, label, type: "way", zIndex: 1, markerEnd: { type: MarkerType.ArrowClosed }, data: { points: points.map(absolute), middle: absolute(middle) },
      ...(label.startsWith("Catch") && { style: { strokeDasharray: "5 4" } }),
    };
  });
}
