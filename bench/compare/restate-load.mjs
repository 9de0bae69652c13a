// Many clients call a URL again and again, each on a connection of its own: URL CLIENTS SECONDS WARM_UP_SECONDS
import http from "node:http";

const [url, clients, seconds, warmUp] = [process.argv[2], ...process.argv.slice(3).map(Number)];
const agent = new http.Agent({ keepAlive: true, maxSockets: clients });
const millis = [];
const begin = performance.now() + warmUp * 1000;
const end = begin + seconds * 1000;

function call() {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { agent, method: "POST", headers: { "content-type": "application/json" } }, (answer) => {
      answer.resume();
      answer.on("end", () => (answer.statusCode === 200 ? resolve() : reject(new Error(`answered ${answer.statusCode}`))));
    });
    request.on("error", reject);
    request.end("{}");
  });
}

async function client() {
  while (performance.now() < end) {
    const began = performance.now();
    await call();
    if (began >= begin) millis.push(performance.now() - began);
  }
}

await Promise.all(Array.from({ length: clients }, client));
millis.sort((a, b) => a - b);
const quantile = (part) => millis[Math.min(Math.floor(part * millis.length), millis.length - 1)];
console.log(JSON.stringify({ perSecond: Math.round(millis.length / seconds), p50Millis: quantile(0.5), p99Millis: quantile(0.99) }));
process.exit(0);
