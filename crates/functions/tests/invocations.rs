//! Real functions in real processes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]
#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "the tests look for the programs that they need"
)]

use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};

use serde_json::{Value, json};
use stepward_functions::{
    FunctionSpec, Functions, FunctionsConfig, Invocation, InvocationRequest, InvokeError, Runtime,
    SandboxMode, WorkerCredentials,
};
use zip::write::{SimpleFileOptions, ZipWriter};

struct Bench {
    _folder: tempfile::TempDir,
    functions: Functions,
    spec: FunctionSpec,
}

fn package(name: &str, source: &str) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file(name, SimpleFileOptions::default().unix_permissions(0o755)).unwrap();
    writer.write_all(source.as_bytes()).unwrap();
    writer.finish().unwrap().into_inner()
}

async fn bench(runtime: &str, file: &str, source: &str) -> Bench {
    bench_within(SandboxMode::Auto, runtime, file, source).await
}

async fn bench_within(sandbox: SandboxMode, runtime: &str, file: &str, source: &str) -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let functions = Functions::new(FunctionsConfig {
        data_dir: folder.path().to_owned(),
        endpoint: "http://127.0.0.1:1".to_owned(),
        region: "us-east-1".to_owned(),
        concurrency: 2,
        sandbox,
    });
    let code = functions.install("code", package(file, source)).await.unwrap();
    let spec = FunctionSpec {
        arn: "arn:aws:lambda:us-east-1:123456789012:function:f".to_owned(),
        name: "f".to_owned(),
        version: "$LATEST".to_owned(),
        runtime: Runtime::parse(runtime).unwrap(),
        handler: "index.handler".to_owned(),
        timeout_seconds: 10,
        memory_mib: 256,
        environment: BTreeMap::from([("GREETING".to_owned(), "Hello".to_owned())]),
        code: code.folder,
        revision: "1".to_owned(),
    };
    Bench { _folder: folder, functions, spec }
}

impl Bench {
    async fn invoke(&self, payload: Value) -> Result<Invocation, InvokeError> {
        let credentials = WorkerCredentials {
            access_key_id: "ASIAEXAMPLE".to_owned(),
            secret_access_key: "secret".to_owned(),
            session_token: "token".to_owned(),
            expires_ms: i64::MAX,
        };
        let request = InvocationRequest {
            request_id: "request-1".to_owned(),
            payload: payload.to_string().into_bytes(),
            client_context: None,
            wants_log: true,
        };
        self.functions.invoke(&self.spec, &request, || Ok(credentials)).await
    }

    async fn answer(&self, payload: Value) -> (Option<&'static str>, Value) {
        let invocation = self.invoke(payload).await.unwrap();
        (invocation.function_error, serde_json::from_slice(&invocation.payload).unwrap())
    }
}

fn has_node() -> bool {
    let found = std::process::Command::new("node").arg("--version").output().is_ok();
    if !found {
        eprintln!("node is not installed: the Node.js functions are not tested");
    }
    found
}

#[tokio::test]
async fn a_python_function_runs_and_stays_warm() {
    let source = "import os\ncount = 0\ndef handler(event, context):\n    global count\n    count += 1\n    print('seen')\n    return {'n': event['n'], 'count': count, 'env': os.environ['GREETING'], 'id': context.aws_request_id, 'key': os.environ['AWS_ACCESS_KEY_ID'], 'home': 'CARGO_MANIFEST_DIR' in os.environ}\n";
    let bench = bench("python3.12", "index.py", source).await;
    let expected = |count: u32| json!({"n": 1, "count": count, "env": "Hello", "id": "request-1", "key": "ASIAEXAMPLE", "home": false});
    assert_eq!(bench.answer(json!({"n": 1})).await, (None, expected(1)));
    let second = bench.invoke(json!({"n": 1})).await.unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&second.payload).unwrap(), expected(2));
    let log = second.log_tail.unwrap();
    assert!(
        log.contains("START RequestId: request-1") && log.contains("seen") && log.contains("REPORT"),
        "{log}"
    );
}

#[tokio::test]
async fn what_a_python_function_raises_is_told() {
    let source = "class Custom(Exception):\n    pass\ndef handler(event, context):\n    raise Custom('no ' + event['what'])\n";
    let bench = bench("python3.12", "index.py", source).await;
    let (error, told) = bench.answer(json!({"what": "way"})).await;
    assert_eq!(error, Some("Unhandled"));
    assert_eq!(
        (&told["errorMessage"], &told["errorType"], &told["requestId"]),
        (&json!("no way"), &json!("Custom"), &json!("request-1"))
    );
    assert!(told["stackTrace"][0].as_str().unwrap().contains("in handler"), "{told}");
}

#[tokio::test]
async fn a_python_function_goes_on_after_an_answer_that_is_too_large() {
    let source = "import os\ndef handler(event, context):\n    return {'pid': os.getpid(), 'text': 'x' * event['size']}\n";
    let bench = bench("python3.12", "index.py", source).await;
    let pid = bench.answer(json!({"size": 200_000})).await.1["pid"].clone();
    let refused = bench.invoke(json!({"size": 7 * 1_024 * 1_024})).await;
    assert!(matches!(refused, Err(InvokeError::ResponseTooLarge(_))), "{refused:?}");
    let (error, answer) = bench.answer(json!({"size": 1})).await;
    assert_eq!((error, &answer), (None, &json!({"pid": pid, "text": "x"})));
}

#[tokio::test]
async fn a_function_that_cannot_start_says_why() {
    let missing = bench("python3.12", "other.py", "").await;
    assert_eq!(missing.answer(json!({})).await.1["errorType"], "Runtime.ImportModuleError");
    let unnamed = bench("python3.12", "index.py", "x = 1").await;
    assert_eq!(unnamed.answer(json!({})).await.1["errorType"], "Runtime.HandlerNotFound");
}

#[tokio::test]
async fn a_function_that_crashes_is_told_and_the_next_one_runs() {
    let source = "import os\ndef handler(event, context):\n    if event['crash']:\n        os._exit(3)\n    return 'alive'\n";
    let bench = bench("python3.12", "index.py", source).await;
    let (error, told) = bench.answer(json!({"crash": true})).await;
    assert_eq!(error, Some("Unhandled"));
    assert_eq!(
        told,
        json!({"errorType": "Runtime.ExitError", "errorMessage": "RequestId: request-1 Error: Runtime exited with error: exit status 3"})
    );
    assert_eq!(bench.answer(json!({"crash": false})).await, (None, json!("alive")));
}

#[tokio::test]
async fn a_function_that_never_answers_is_ended() {
    let source = "import time\ndef handler(event, context):\n    if event['hang']:\n        time.sleep(600)\n    return 1\n";
    let mut bench = bench("python3.12", "index.py", source).await;
    bench.spec.timeout_seconds = 1;
    // The first invocation has the time to start on top; the second one only its own.
    assert_eq!(bench.answer(json!({"hang": false})).await, (None, json!(1)));
    let (error, told) = bench.answer(json!({"hang": true})).await;
    assert_eq!(error, Some("Unhandled"));
    assert_eq!(
        told,
        json!({"errorType": "Sandbox.Timedout", "errorMessage": "RequestId: request-1 Error: Task timed out after 1.00 seconds"})
    );
    assert_eq!(bench.answer(json!({"hang": false})).await, (None, json!(1)));
}

#[tokio::test]
async fn a_function_that_wants_too_much_memory_fails_and_nothing_else() {
    let source = "def handler(event, context):\n    return len(bytearray(4_000_000_000))\n";
    let bench = bench("python3.12", "index.py", source).await;
    assert_eq!(bench.answer(json!({})).await.1["errorType"], "MemoryError");
}

#[tokio::test]
async fn a_changed_function_does_not_run_in_an_old_worker() {
    let mut bench =
        bench("python3.12", "index.py", "import os\ndef handler(event, context):\n    return os.getpid()\n")
            .await;
    let first = bench.answer(json!({})).await.1;
    assert_eq!(bench.answer(json!({})).await.1, first);
    bench.spec.revision = "2".to_owned();
    assert_ne!(bench.answer(json!({})).await.1, first);
}

#[tokio::test]
async fn node_functions_return_promises_call_back_and_throw() {
    if !has_node() {
        return;
    }
    let source = "exports.handler = async (event, context) => { if (event.fail) throw new TypeError('bad'); return { n: event.n + 1, id: context.awsRequestId } }";
    let bench_async = bench("nodejs22.x", "index.js", source).await;
    assert_eq!(bench_async.answer(json!({"n": 1})).await, (None, json!({"n": 2, "id": "request-1"})));
    let (error, told) = bench_async.answer(json!({"fail": true})).await;
    assert_eq!(
        (error, &told["errorType"], &told["errorMessage"]),
        (Some("Unhandled"), &json!("TypeError"), &json!("bad"))
    );
    let callback = bench(
        "nodejs22.x",
        "index.js",
        "exports.handler = (event, context, done) => { setImmediate(() => done(null, 7)) }",
    )
    .await;
    assert_eq!(callback.answer(json!({})).await, (None, json!(7)));
    let module = bench("nodejs22.x", "index.mjs", "export const handler = async () => 'esm'").await;
    assert_eq!(module.answer(json!({})).await, (None, json!("esm")));
}

#[tokio::test]
async fn a_function_brings_its_own_bootstrap() {
    let source = "#!/usr/bin/env python3\nimport os, urllib.request\napi = 'http://' + os.environ['AWS_LAMBDA_RUNTIME_API'] + '/2018-06-01/runtime/invocation/'\nwhile True:\n    with urllib.request.urlopen(api + 'next') as job:\n        id, body = job.headers['Lambda-Runtime-Aws-Request-Id'], job.read()\n    urllib.request.urlopen(api + id + '/response', data=b'{\"own\": ' + body + b'}').close()\n";
    let bench = bench("provided.al2023", "bootstrap", source).await;
    assert_eq!(bench.answer(json!(5)).await, (None, json!({"own": 5})));
}

#[test]
fn an_unknown_runtime_is_named() {
    let error = Runtime::parse("java21").unwrap_err();
    assert_eq!(
        error.to_string(),
        "'java21' is not a runtime that runs here: python3.*, nodejs*.x and provided.* do"
    );
}

/// What a function tries with the machine that it runs on, and how that ends.
const TRESPASSER: &str = r#"
import os, signal, tempfile, urllib.request, ssl, subprocess
def attempt(deed):
    try:
        deed()
        return 'done'
    except OSError as error:
        return type(error).__name__
def own_file():
    with tempfile.NamedTemporaryFile(mode='w') as file:
        file.write('x')
    open(os.path.join(os.environ['LAMBDA_TASK_ROOT'], 'index.py')).read()
def handler(event, context):
    data = event['data']
    return {
        'key': attempt(lambda: open(data + '/master.key').read()),
        'list': attempt(lambda: os.listdir(data)),
        'write': attempt(lambda: open(data + '/new', 'w')),
        'code': attempt(lambda: open(os.environ['LAMBDA_TASK_ROOT'] + '/index.py', 'a')),
        'shadow': attempt(lambda: open('/etc/shadow').read()),
        'environment': attempt(lambda: open(f'/proc/{event["server"]}/environ').read()),
        'signal': attempt(lambda: os.kill(event['server'], signal.SIGTERM)),
        'child': subprocess.run(['cat', data + '/master.key'], capture_output=True).returncode,
        'own': attempt(own_file),
        'certificates': attempt(lambda: ssl.create_default_context()),
        'null': attempt(lambda: open('/dev/null', 'w').write('x')),
    }
"#;

#[tokio::test]
async fn a_function_does_not_reach_the_server() {
    let bench = bench_within(SandboxMode::Required, "python3.12", "index.py", TRESPASSER).await;
    let data = bench._folder.path();
    std::fs::write(data.join("master.key"), "secret").unwrap();
    let payload = json!({"data": data.to_str().unwrap(), "server": std::process::id()});
    let invocation = match bench.invoke(payload).await {
        Err(InvokeError::Start(error)) if error.kind() == std::io::ErrorKind::Unsupported => {
            eprintln!("the sandbox is not tested: {error}");
            return;
        }
        invocation => invocation.unwrap(),
    };
    let answer: Value = serde_json::from_slice(&invocation.payload).unwrap();
    let shut = "PermissionError";
    assert_eq!(
        answer,
        json!({
            "key": shut, "list": shut, "write": shut, "code": shut, "shadow": shut, "environment": shut, "signal": shut,
            "child": 1, "own": "done", "certificates": "done", "null": "done",
        })
    );
    assert!(!data.join("new").exists());
}

#[tokio::test]
async fn what_a_worker_wrote_is_gone_with_it() {
    let source = "import os, tempfile\ndef handler(event, context):\n    open(tempfile.gettempdir() + '/x', 'w').write('x')\n    os._exit(1)\n";
    let bench = bench("python3.12", "index.py", source).await;
    let (error, _) = bench.answer(json!({})).await;
    assert_eq!(error, Some("Unhandled"));
    let left = || std::fs::read_dir(bench._folder.path().join("tmp")).unwrap().count();
    while left() > 0 {
        tokio::task::yield_now().await;
    }
}

const CURIOUS: &str = r#"
import dns from "node:dns/promises";
import os from "node:os";
export const handler = async () => ({
    memory: process.memoryUsage().rss > 0 && process.memoryUsage().heapUsed > 0,
    processors: os.cpus().length > 0,
    localhost: (await dns.lookup("localhost")).address.length > 0,
    temporary: os.tmpdir() === process.env.TMPDIR,
});
"#;

#[tokio::test]
async fn a_node_function_in_its_sandbox_still_knows_its_machine() {
    if !has_node() {
        return;
    }
    let bench = bench("nodejs22.x", "index.mjs", CURIOUS).await;
    let expected = json!({"memory": true, "processors": true, "localhost": true, "temporary": true});
    assert_eq!(bench.answer(json!({})).await, (None, expected));
}

#[tokio::test]
async fn nobody_but_the_worker_is_answered_at_its_runtime_api() {
    let source = "#!/usr/bin/env python3\nimport os, urllib.request, json\napi = 'http://' + os.environ['AWS_LAMBDA_RUNTIME_API'] + '/2018-06-01/runtime/invocation/'\nwhile True:\n    got = urllib.request.urlopen(api + 'next')\n    id = got.headers['Lambda-Runtime-Aws-Request-Id']\n    got.read()\n    urllib.request.urlopen(api + id + '/response', json.dumps(os.environ['AWS_LAMBDA_RUNTIME_API']).encode())\n";
    let bench = bench("provided.al2023", "bootstrap", source).await;
    let (_, address) = bench.answer(json!({})).await;
    let mut stranger = std::net::TcpStream::connect(address.as_str().unwrap()).unwrap();
    let _ = stranger.write_all(b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n");
    let mut read = Vec::new();
    let asked = tokio::task::spawn_blocking(move || {
        std::io::Read::read_to_end(&mut stranger, &mut read).map(|_| read)
    });
    // Closed without an answer, with or without an error.
    assert_eq!(asked.await.unwrap().unwrap_or_default(), b"");
    assert_eq!(bench.answer(json!({})).await, (None, address));
}
