// Start a release on a port of its own, ask it until it answers or the time is up, and end it again.
// node --eval <this> <seconds> <url> <statuses> <directory> <program> [arguments]; exits 0 when it answered well.
const [seconds, url, statuses, directory, program, ...args] = process.argv.slice(1);
const { spawn } = require("node:child_process");

const lines = [];
const child = spawn(program, args, { cwd: directory, detached: true, stdio: ["ignore", "pipe", "pipe"] });
const keep = (data) => lines.push(...String(data).split("\n").filter(Boolean));
child.stdout.on("data", keep);
child.stderr.on("data", keep);

let seen = "no answer";
let over = false;

function finish(code, text) {
  if (over) return;
  over = true;
  // The whole group: the program may have started others.
  try {
    if (child.pid) process.kill(-child.pid, "SIGKILL");
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
  console.log(text + (code && lines.length ? "; it said: " + lines.slice(-6).join(" / ") : ""));
  process.exitCode = code;
}

child.on("error", (error) => finish(1, "it could not be started: " + error.message));
child.on("exit", (code, signal) => finish(1, `it ended by itself (${signal || "exit code " + code})`));
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, () => finish(1, "interrupted"));

const deadline = Date.now() + Number(seconds) * 1000;
async function ask() {
  if (over) return;
  try {
    const answer = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(10000) });
    seen = "HTTP " + answer.status;
    if (statuses.split(",").includes(String(answer.status))) return finish(0, seen);
  } catch (error) {
    seen = error.cause?.code || error.name;
  }
  if (Date.now() > deadline) return finish(1, `${url}: ${seen} after ${seconds} seconds`);
  setTimeout(ask, 250);
}
ask();
