// Where states stand: layers from top to bottom by dagre; what is inside a Map or Parallel is laid out first.
import dagre from "@dagrejs/dagre";
import { END, type Outline, type OutlineState, START } from "./outline.ts";

export interface PlacedNode {
  id: string;
  parent: string | undefined;
  kind: "state" | "container" | "start" | "end";
  state?: OutlineState;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface PlacedEdge {
  id: string;
  from: string;
  to: string;
  label: string;
}

export interface Placed {
  nodes: PlacedNode[];
  edges: PlacedEdge[];
  width: number;
  height: number;
}

const STATE = { width: 200, height: 54 };
const DOT = { width: 56, height: 28 };
const PADDING = 20;
const TITLE = 52;
const GAP = 20;

export function layout(graph: Outline, parent?: string): Placed {
  const prefix = parent === undefined ? "" : `${parent}/`;
  const isTop = parent === undefined;
  const inner = new Map(graph.states.map((state) => [state.name, beside(state, `${prefix}${state.name}`)]));
  const drawing = new dagre.graphlib.Graph({ multigraph: true });
  drawing.setGraph({ rankdir: "TB", nodesep: 30, ranksep: 42, marginx: 0, marginy: 0 });
  drawing.setDefaultEdgeLabel(() => ({}));
  for (const { name } of graph.states) drawing.setNode(name, sizeOf(inner.get(name)));
  const edges = graph.edges.filter(({ from, to }) => isTop || (from !== START && to !== END));
  for (const end of [START, END]) {
    if (edges.some(({ from, to }) => from === end || to === end)) drawing.setNode(end, { ...DOT });
  }
  edges.forEach(({ from, to, label }, at) => drawing.setEdge(from, to, { width: label.length * 7, height: 14 }, String(at)));
  dagre.layout(drawing);
  const placed = drawing.nodes().flatMap((id) => place(id, drawing.node(id), graph, inner, parent, prefix));
  const { width = 0, height = 0 } = drawing.graph();
  return {
    nodes: placed,
    edges: [
      ...edges.map(({ from, to, label }, at) => ({ id: `${prefix}${at}`, from: `${prefix}${from}`, to: `${prefix}${to}`, label })),
      ...[...inner.values()].flatMap((found) => found?.edges ?? []),
    ],
    width: Number.isFinite(width) ? width : 0,
    height: Number.isFinite(height) ? height : 0,
  };
}

function place(
  id: string,
  box: { x: number; y: number; width: number; height: number },
  graph: Outline,
  inner: Map<string, Placed | undefined>,
  parent: string | undefined,
  prefix: string,
): PlacedNode[] {
  const state = graph.states.find(({ name }) => name === id);
  const within = inner.get(id);
  const kind = id === START ? "start" : id === END ? "end" : within ? "container" : "state";
  // dagre answers centres; a node is placed by its corner, inside of its parent's frame.
  const offset = parent === undefined ? 0 : PADDING;
  const top = parent === undefined ? 0 : TITLE;
  const node: PlacedNode = {
    id: `${prefix}${id}`, parent, kind, ...(state && { state }),
    x: box.x - box.width / 2 + offset, y: box.y - box.height / 2 + top, width: box.width, height: box.height,
  };
  return [node, ...(within?.nodes ?? [])];
}

function sizeOf(within: Placed | undefined): { width: number; height: number } {
  return within ? { width: within.width + 2 * PADDING, height: within.height + TITLE + PADDING } : { ...STATE };
}

/** The inner machines of a state, side by side. */
function beside(state: OutlineState, id: string): Placed | undefined {
  const parts = state.inner.filter(({ states }) => states.length > 0).map((inner) => layout(inner, id));
  if (parts.length === 0) return undefined;
  let shift = 0;
  const whole: Placed = { nodes: [], edges: [], width: 0, height: 0 };
  for (const part of parts) {
    const direct = part.nodes.map((node) => (node.parent === id ? { ...node, x: node.x + shift } : node));
    whole.nodes.push(...direct);
    whole.edges.push(...part.edges.map((edge) => ({ ...edge, id: `${edge.id}@${shift}` })));
    shift += part.width + GAP;
    whole.height = Math.max(whole.height, part.height);
  }
  whole.width = shift - GAP;
  return whole;
}
