import { BaseEdge, type EdgeProps } from "@xyflow/react";
import type { Point } from "./layout.ts";

export interface WayData {
  points: Point[];
  middle: Point;
}

/** An edge along the way that the layout found for it, with its corners rounded. */
export function WayEdge({ id, data, label, markerEnd, style }: EdgeProps) {
  const { points, middle } = data as unknown as WayData;
  return (
    <BaseEdge
      id={id}
      path={pathOf(points)}
      label={label}
      labelX={middle.x}
      labelY={middle.y}
      labelShowBg
      labelBgPadding={[4, 2]}
      labelBgBorderRadius={4}
      {...(markerEnd && { markerEnd })}
      {...(style && { style })}
    />
  );
}

function pathOf([first, ...rest]: Point[]): string {
  const last = rest[rest.length - 1];
  if (!first || !last) return "";
  const curves = rest.slice(0, -1).map((point, at) => {
    const next = rest[at + 1] ?? point;
    const end = at === rest.length - 2 ? next : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
    return `Q ${point.x} ${point.y} ${end.x} ${end.y}`;
  });
  // The arrow points where the last piece leads: a piece without length would turn it aside.
  return [`M ${first.x} ${first.y}`, ...(curves.length > 0 ? curves : [`L ${last.x} ${last.y}`])].join(" ");
}
