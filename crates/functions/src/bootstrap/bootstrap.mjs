// Runs a Node.js handler behind the Lambda Runtime API: bootstrap.mjs module.handler
import { existsSync } from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { getHeapStatistics } from "node:v8";

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function call(method, path, body, kind) {
  return new Promise((resolve, reject) => {
    const headers = { "Content-Type": "application/json" };
    if (kind) headers["Lambda-Runtime-Function-Error-Type"] = kind;
    if (body !== undefined) headers["Content-Length"] = Buffer.byteLength(body);
    const options = { host, port, agent, method, path: `/2018-06-01/runtime${path}`, headers };
    const request = http.request(options, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ headers: response.headers, body: Buffer.concat(chunks).toString() }));
    });
    request.on("error", reject);
    request.setNoDelay(true);
    request.end(body);
  });
}

// The sandbox shuts /proc/self, where Node.js reads how much memory the process has.
function tellMemory() {
  try {
    process.memoryUsage.rss();
  } catch {
    const rss = () => process.resourceUsage().maxRSS * 1024;
    const usage = () => {
      const heap = getHeapStatistics();
      const [heapTotal, heapUsed] = [heap.total_heap_size, heap.used_heap_size];
      return { rss: rss(), heapTotal, heapUsed, external: heap.external_memory, arrayBuffers: 0 };
    };
    process.memoryUsage = Object.assign(usage, { rss });
  }
}

function described(error) {
  const isError = error instanceof Error;
  return {
    errorType: isError ? error.name : "Error",
    errorMessage: isError ? error.message : String(error),
    trace: isError && error.stack ? error.stack.split("\n") : [],
  };
}

function fault(name, message) {
  const error = new Error(message);
  error.name = name;
  return error;
}

async function load(name) {
  const dot = name.lastIndexOf(".");
  if (dot < 1) throw fault("Runtime.MalformedHandlerName", `Bad handler '${name}'`);
  const [file, exported] = [name.slice(0, dot), name.slice(dot + 1)];
  const place = join(process.env.LAMBDA_TASK_ROOT, file);
  const found = [".js", ".mjs", ".cjs"].map((ending) => place + ending).find(existsSync);
  if (!found) throw fault("Runtime.ImportModuleError", `Error: Cannot find module '${file}'`);
  let module;
  try {
    module = found.endsWith(".mjs") ? await import(pathToFileURL(found)) : await requireOrImport(found);
  } catch (error) {
    if (error instanceof SyntaxError) throw fault("Runtime.UserCodeSyntaxError", `SyntaxError: ${error.message}`);
    throw error;
  }
  const handler = module[exported] ?? module.default?.[exported];
  if (typeof handler !== "function") {
    throw fault("Runtime.HandlerNotFound", `${name} is undefined or not exported`);
  }
  return handler;
}

async function requireOrImport(file) {
  try {
    return createRequire(import.meta.url)(file);
  } catch (error) {
    if (error.code === "ERR_REQUIRE_ESM" || /import statement|export/.test(error.message)) return import(pathToFileURL(file));
    throw error;
  }
}

function contextOf(headers, done) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  const given = headers["lambda-runtime-client-context"];
  return {
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: given ? JSON.parse(given) : undefined,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    done,
    succeed: (result) => done(null, result),
    fail: (error) => done(error ?? "handled"),
  };
}

function run(handler, event, headers) {
  return new Promise((resolve, reject) => {
    const done = (error, result) => (error === null || error === undefined ? resolve(result) : reject(error));
    const returned = handler(event, contextOf(headers, done), done);
    if (returned && typeof returned.then === "function") returned.then(resolve, reject);
    else if (handler.length < 3 && returned !== undefined) resolve(returned);
  });
}

async function serve(handler, failure) {
  const { headers, body } = await call("GET", "/invocation/next");
  const id = headers["lambda-runtime-aws-request-id"];
  const fail = async (error) => {
    const text = described(error);
    console.error("Invoke Error", JSON.stringify(text));
    await call("POST", `/invocation/${id}/error`, JSON.stringify(text), text.errorType);
  };
  if (failure) {
    await fail(failure);
    process.exit(1);
  }
  let answer;
  try {
    const result = await run(handler, JSON.parse(body), headers);
    answer = JSON.stringify(result === undefined ? null : result);
  } catch (error) {
    return fail(error);
  }
  await call("POST", `/invocation/${id}/response`, answer);
}

tellMemory();
let handler;
let failure;
try {
  handler = await load(process.argv[2]);
} catch (error) {
  failure = error;
}
for (;;) await serve(handler, failure);
