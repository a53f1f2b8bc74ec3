import { spawn, type ChildProcess } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node.js';
import { TextDocument } from './text-document.ts';
import type { MessageConnection } from 'vscode-jsonrpc';
import type { CodeAction, Command, Diagnostic, TextEdit, WorkspaceEdit } from 'vscode-languageserver-protocol';

/** What the ESLint server asks its editor for, as Visual Studio Code answers. */
const settingsOf = (folder: { uri: string; name: string }): object => ({
  validate: 'on',
  packageManager: 'npm',
  useESLintClass: true,
  experimental: {},
  codeAction: {
    disableRuleComment: { enable: true, location: 'separateLine' },
    showDocumentation: { enable: true },
  },
  codeActionOnSave: { mode: 'all' },
  format: false,
  quiet: false,
  onIgnoredFiles: 'off',
  options: {},
  rulesCustomizations: [],
  run: 'onType',
  problems: { shortenToSingleLine: false },
  nodePath: null,
  workspaceFolder: folder,
  workingDirectory: { mode: 'auto' },
});

/** An editor with one open file, driving a real language server over its protocol. */
export class Editor {
  readonly #server: ChildProcess;
  readonly #connection: MessageConnection;
  readonly #folder: { readonly uri: string; readonly name: string };
  #document: TextDocument | null = null;
  #pulls = false;

  /** `command` is a script of Node with its arguments; `configuration` is what the server gets where it asks for settings. */
  constructor(folder: string, command: readonly string[], configuration?: object) {
    this.#folder = { uri: pathToFileURL(folder).href, name: 'project' };
    this.#server = spawn(process.execPath, command, { cwd: folder, stdio: ['pipe', 'pipe', 'ignore'] });
    const { stdin, stdout } = this.#server;
    if (!stdin || !stdout) throw new Error('the server has no streams');
    this.#connection = createMessageConnection(new StreamMessageReader(stdout), new StreamMessageWriter(stdin));
    const settings = configuration ?? settingsOf(this.#folder);
    this.#connection.onRequest('workspace/configuration', ({ items }: { items: unknown[] }) =>
      items.map(() => settings),
    );
    this.#connection.onRequest('workspace/applyEdit', ({ edit }: { edit: WorkspaceEdit }) => {
      this.#apply(edit);
      return { applied: true };
    });
    this.#connection.onRequest('eslint/confirmESLintExecution', () => 4);
    // All else that it asks for has an empty answer.
    this.#connection.onRequest(() => null);
    this.#connection.listen();
  }

  get text(): string {
    return this.#document?.text ?? '';
  }

  async open(uri: string, text: string): Promise<void> {
    const diagnostics = { refreshSupport: true };
    const { capabilities } = await this.#connection.sendRequest<{
      capabilities: { diagnosticProvider?: object };
    }>('initialize', {
      processId: process.pid,
      rootUri: this.#folder.uri,
      workspaceFolders: [this.#folder],
      initializationOptions: [{ workspaceUri: this.#folder.uri, options: { run: 'onType' } }],
      capabilities: {
        workspace: { configuration: true, workspaceFolders: true, applyEdit: true, diagnostics },
        textDocument: {
          publishDiagnostics: { codeDescriptionSupport: true, dataSupport: true, relatedInformation: true },
          diagnostic: { dynamicRegistration: true },
          codeAction: {
            codeActionLiteralSupport: {
              codeActionKind: { valueSet: ['', 'quickfix', 'source', 'source.fixAll', 'source.fixAll.oxc'] },
            },
            dataSupport: true,
            resolveSupport: { properties: ['edit'] },
          },
        },
      },
    });
    this.#pulls = capabilities.diagnosticProvider !== undefined;
    if (!this.#pulls) throw new Error('the server cannot be asked for diagnostics');
    await this.#connection.sendNotification('initialized', {});
    await this.#connection.sendNotification('workspace/didChangeConfiguration', { settings: settingsOf(this.#folder) });
    this.#document = new TextDocument(uri, text);
    await this.#connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri, languageId: 'typescript', version: 1, text },
    });
  }

  /** The squiggles of the file as it is now. */
  async squiggles(): Promise<Diagnostic[]> {
    const { items } = await this.#connection.sendRequest<{ items: Diagnostic[] }>('textDocument/diagnostic', {
      textDocument: { uri: this.#uri },
    });
    return items;
  }

  /** What the light bulb at a squiggle offers, by title. */
  async offers(diagnostic: Diagnostic): Promise<Map<string, Command | CodeAction>> {
    const actions = await this.#actions(diagnostic.range, { diagnostics: [diagnostic], triggerKind: 1 });
    return new Map(actions.map((action) => [action.title, action]));
  }

  /** Does what an offer says; the text is the new one then. */
  async accept(offer: Command | CodeAction): Promise<void> {
    const edit = editOf(offer);
    if (edit) return this.#applied(edit);
    const command = typeof offer.command === 'string' ? (offer as Command) : offer.command;
    if (!command) throw new Error(`"${offer.title}" does nothing`);
    await this.#connection.sendRequest('workspace/executeCommand', {
      command: command.command,
      arguments: command.arguments,
    });
    await this.#changed();
  }

  /** Fixes all on save, as often as there is something to fix. */
  async save(kind: string): Promise<void> {
    for (let pass = 0; pass < 10; pass += 1) {
      const before = this.text;
      // A server knows what there is to fix once it has been asked what is wrong.
      await this.squiggles();
      const range = { start: { line: 0, character: 0 }, end: { line: before.split('\n').length, character: 0 } };
      const [action] = await this.#actions(range, { diagnostics: [], only: [kind], triggerKind: 2 });
      const edit = action && editOf(action);
      if (edit) await this.#applied(edit);
      if (this.text === before) return;
    }
  }

  close(): void {
    this.#connection.dispose();
    this.#server.kill();
  }

  get #uri(): string {
    if (!this.#document) throw new Error('no file is open');
    return this.#document.uri;
  }

  async #actions(range: Diagnostic['range'], context: object): Promise<(Command | CodeAction)[]> {
    const actions = await this.#connection.sendRequest<(Command | CodeAction)[] | null>('textDocument/codeAction', {
      textDocument: { uri: this.#uri },
      range,
      context,
    });
    return actions ?? [];
  }

  async #applied(edit: WorkspaceEdit): Promise<void> {
    this.#apply(edit);
    await this.#changed();
  }

  #apply({ changes = {}, documentChanges = [] }: WorkspaceEdit): void {
    const edits: TextEdit[] = [...(changes[this.#uri] ?? [])];
    for (const change of documentChanges) if ('edits' in change) edits.push(...(change.edits as TextEdit[]));
    this.#document?.apply(edits);
  }

  async #changed(): Promise<void> {
    if (!this.#document) return;
    const { uri, version, text } = this.#document;
    await this.#connection.sendNotification('textDocument/didChange', {
      textDocument: { uri, version },
      contentChanges: [{ text }],
    });
  }
}

/** What an offer changes by itself; others have the server do it. */
function editOf(offer: Command | CodeAction): WorkspaceEdit | undefined {
  return 'edit' in offer ? offer.edit : undefined;
}
