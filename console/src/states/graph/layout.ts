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

export interface Point {
  x: number;
  y: number;
}

export interface PlacedEdge {
  id: string;
  from: string;
  to: string;
  label: string;
  /** Where it goes, around what stands in its way: in the frame of `parent`, like the nodes. */
  points: Point[];
  middle: Point;
  parent: string | undefined;
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
      ...edges.map(({ from, to, label }, at) => {
        const { points = [], x = 0, y = 0 } = drawing.edge(from, to, String(at)) as { points?: Point[]; x?: number; y?: number };
        const framed = (point: Point) => inFrame(point, parent);
        return { id: `${prefix}${at}`, from: `${prefix}${from}`, to: `${prefix}${to}`, label, points: points.map(framed), middle: framed({ x, y }), parent };
      }),
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
  // dagre answers centres; a node is placed by its corner.
  const corner = inFrame({ x: box.x - box.width / 2, y: box.y - box.height / 2 }, parent);
  const node: PlacedNode = { id: `${prefix}${id}`, parent, kind, ...(state && { state }), ...corner, width: box.width, height: box.height };
  return [node, ...(within?.nodes ?? [])];
}

/** Below the title of the Map or Parallel that it is in, if it is in one. */
function inFrame({ x, y }: Point, parent: string | undefined): Point {
  return parent === undefined ? { x, y } : { x: x + PADDING, y: y + TITLE };
}

/** Where the frame of a Map or Parallel begins on the whole drawing. */
export function originOf({ nodes }: Placed, parent: string | undefined): Point {
  const node = parent === undefined ? undefined : nodes.find(({ id }) => id === parent);
  if (!node) return { x: 0, y: 0 };
  const outer = originOf({ nodes, edges: [], width: 0, height: 0 }, node.parent);
  return { x: outer.x + node.x, y: outer.y + node.y };
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
    const by = shift;
    const moved = ({ x, y }: Point) => ({ x: x + by, y });
    whole.edges.push(...part.edges.map((edge) => {
      const isDirect = edge.parent === id;
      return { ...edge, id: `${edge.id}@${shift}`, points: isDirect ? edge.points.map(moved) : edge.points, middle: isDirect ? moved(edge.middle) : edge.middle };
    }));
    shift += part.width + GAP;
    whole.height = Math.max(whole.height, part.height);
  }
  whole.width = shift - GAP;
  return whole;
}
