// VS Code's own language client with latchkey-clangd as its server, without the editor: prints what arrives of each FILE.
//
//   npm install --no-save --prefix FOLDER vscode-languageclient@8.0.2 vscode-uri
//   NODE_PATH=FOLDER/node_modules node test/editor/vscode.js SERVER BUILD FILE…
//
// 8.0.2 is the version that the clangd extension 0.1.29 has. Status 1 if a FILE has no diagnostic of Latchkey.
'use strict';
const fs = require('fs');
const Module = require('module');
const path = require('path');
const { URI } = require('vscode-uri');

// The part of the editor's API that the client needs. What it only registers with is a function that does nothing.
class Disposable {
  constructor(end) { this.end = end; }
  dispose() { if (this.end) this.end(); }
  static from(...all) { return new Disposable(() => all.forEach((one) => one.dispose())); }
}
const ignore = () => new Disposable();
class EventEmitter {
  listeners = [];
  event = (listener, self) => { this.listeners.push(self ? listener.bind(self) : listener); return new Disposable(); };
  fire(value) { this.listeners.forEach((listener) => listener(value)); }
  dispose() {}
}
class Position { constructor(line, character) { Object.assign(this, { line, character }); } }
class Range {
  constructor(a, b, c, d) {
    [this.start, this.end] = typeof a === 'number' ? [new Position(a, b), new Position(c, d)] : [a, b];
  }
}
class CodeActionKind {
  constructor(value) { this.value = value; }
  append(part) { return new CodeActionKind(`${this.value}.${part}`); }
  static Empty = new CodeActionKind('');
  static QuickFix = new CodeActionKind('quickfix');
  static Refactor = new CodeActionKind('refactor');
  static Source = new CodeActionKind('source');
}
const record = (...names) => class { constructor(...values) { names.forEach((name, i) => { this[name] = values[i]; }); } };
const fallback = (part) => new Proxy(part, {
  get: (known, name) => name in known ? known[name] : /^(on|register)/.test(String(name)) ? ignore : undefined,
});
const token = { isCancellationRequested: false, onCancellationRequested: ignore };
const opened = new EventEmitter();
const documents = [];
const collections = [];
let fixes; // the provider of code actions
const api = {
  version: '1.90.0', Uri: URI, Disposable, EventEmitter, Position, Range, CodeActionKind, CancellationError: Error,
  Location: record('uri', 'range'), DiagnosticRelatedInformation: record('location', 'message'),
  Diagnostic: record('range', 'message', 'severity'), CodeAction: record('title', 'kind'),
  DiagnosticSeverity: { Error: 0, Warning: 1, Information: 2, Hint: 3 },
  CancellationTokenSource: class { token = token; cancel() {} dispose() {} },
  WorkspaceEdit: class { edits = []; set(...edit) { this.edits.push(edit); } replace(...edit) { this.edits.push(edit); } },
  env: { appName: 'none', language: 'en' },
  commands: { registerCommand: ignore },
  workspace: fallback({
    textDocuments: documents, onDidOpenTextDocument: opened.event,
    getConfiguration: () => ({ get: (_, value) => value, has: () => false }),
  }),
  window: fallback({
    tabGroups: { all: [], onDidChangeTabs: ignore },
    createOutputChannel: () => ({ append() {}, appendLine: console.error, show() {}, dispose() {} }),
    showErrorMessage: async (text) => console.error(text),
    withProgress: async (_, work) => work({ report() {} }, token),
  }),
  languages: fallback({
    match: () => 10,
    createDiagnosticCollection: () => {
      const all = new Map();
      collections.push(all);
      return { set: (uri, found) => all.set(String(uri), found), delete: (uri) => all.delete(String(uri)), clear() {}, dispose() {} };
    },
    registerCodeActionsProvider: (_, provider) => { fixes = provider; return new Disposable(); },
  }),
};
const unknown = (name) => new Proxy(record(), { get: (made, part) => part in made ? made[part] : String(part) });
const vscode = new Proxy(api, {
  get: (known, name) => name in known ? known[name] : /^[A-Z]/.test(String(name)) ? (known[name] = unknown(name)) : undefined,
});
const load = Module._load;
Module._load = (name, ...rest) => name === 'vscode' ? vscode : load(name, ...rest);
const { LanguageClient } = require('vscode-languageclient/node');

const codeOf = (diagnostic) => String(diagnostic.code && diagnostic.code.value || diagnostic.code);

async function show(file) {
  const text = fs.readFileSync(file, 'utf8');
  const uri = URI.file(path.resolve(file));
  const document = { uri, languageId: 'cpp', version: 1, getText: () => text, fileName: file, isClosed: false };
  documents.push(document);
  opened.fire(document);
  let found = [];
  for (let i = 0; i < 600 && !found.length; ++i) {
    await new Promise((done) => setTimeout(done, 100));
    found = collections.flatMap((all) => all.get(String(uri)) || []).filter((d) => codeOf(d).startsWith('latchkey-'));
  }
  for (const one of found) {
    console.log(`${path.basename(file)}:${one.range.start.line + 1}: ${one.message.split('\n')[0]} [${codeOf(one)}]`);
    console.log(`    page: ${one.code.target}`);
    for (const other of one.relatedInformation || [])
      console.log(`    ${other.location.range.start.line + 1}: ${other.message}`);
    for (const action of await fixes.provideCodeActions(document, one.range, { diagnostics: [one] }, token) || [])
      console.log(`    fix: ${action.title}`);
  }
  return found.length > 0;
}

(async () => {
  const [server, build, ...files] = process.argv.slice(2);
  const client = new LanguageClient('clangd', 'Clang Language Server',
    { command: server, args: [`--compile-commands-dir=${build}`, '--log=error'] },
    { documentSelector: [{ scheme: 'file', language: 'cpp' }] });
  await client.start();
  let all = true;
  for (const file of files)
    all = await show(file) && all;
  await client.stop();
  process.exit(all ? 0 : 1);
})().catch((wrong) => { console.error(wrong); process.exit(2); });
