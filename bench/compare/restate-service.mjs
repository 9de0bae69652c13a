// Restate's side: a flow of three calls of a remote handler, each journaled. Run in a folder that has @restatedev/restate-sdk.
import { createRequire } from "node:module";
import path from "node:path";

// The SDK expects Node.js 22.
Promise.withResolvers ??= function withResolvers() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
};

const require = createRequire(path.join(process.argv[2], "package.json"));
const restate = require("@restatedev/restate-sdk");

const worker = restate.service({ name: "worker", handlers: { step: async (_, input) => input } });
const flow = restate.service({
  name: "flow",
  handlers: {
    run: async (context, input) => {
      let value = input;
      for (let step = 0; step < 3; step += 1) {
        value = await context.serviceClient({ name: "worker" }).step(value);
      }
      return value;
    },
  },
});

restate.endpoint().bind(worker).bind(flow).listen(Number(process.argv[3]));
