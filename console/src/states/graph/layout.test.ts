import { expect, test } from "vitest";
import { layout } from "./layout.ts";
import { allStates, outline } from "./outline.ts";

const definition = {
  StartAt: "Choose",
  States: {
    Choose: { Type: "Choice", Choices: [{ Next: "Each" }], Default: "Both" },
    Each: { Type: "Map", ItemProcessor: { StartAt: "One", States: { One: { Type: "Pass", End: true } } }, Next: "Done" },
    Both: { Type: "Parallel", Branches: [{ StartAt: "L", States: { L: { Type: "Pass", End: true } } }, { StartAt: "R", States: { R: { Type: "Pass", End: true } } }], Catch: [{ Next: "Done" }], End: true },
    Done: { Type: "Succeed" },
  },
};

test("every state and every way is in the outline", () => {
  const found = outline(definition);
  expect(allStates(found).map(({ name }) => name)).toEqual(["Choose", "Each", "One", "Both", "L", "R", "Done"]);
  expect(found.edges.map(({ from, to, label }) => `${from}>${to} ${label}`.trim())).toContain("Both>Done Catch 1");
});

test("inner states lie inside of their Map or Parallel, beside each other", () => {
  const { nodes } = layout(outline(definition));
  const node = (id: string) => nodes.find((found) => found.id === id)!;
  for (const [inner, outer] of [["Each/One", "Each"], ["Both/L", "Both"], ["Both/R", "Both"]] as const) {
    expect(node(inner).parent).toBe(outer);
    expect(node(inner).x + node(inner).width).toBeLessThanOrEqual(node(outer).width);
    expect(node(inner).y + node(inner).height).toBeLessThanOrEqual(node(outer).height);
  }
  expect(node("Both/R").x).toBeGreaterThanOrEqual(node("Both/L").x + node("Both/L").width);
});

test("half a definition is drawn as far as it goes", () => {
  for (const half of [undefined, null, 1, {}, { States: 1 }, { States: { A: 1 } }, { StartAt: "B", States: { A: { Next: "Gone" } } }]) {
    expect(() => layout(outline(half))).not.toThrow();
  }
});
