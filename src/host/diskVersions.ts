import * as vscode from 'vscode';

/** What shows the file as it is on the disk, while a document holds something else: read-only, and by an address of its own. */
export const diskScheme = 'initscope-disk';

export function registerDiskVersions(): vscode.Disposable {
  const onDisk = (uri: vscode.Uri): vscode.Uri => uri.with({ scheme: 'file' });
  const refuse = (uri: vscode.Uri): never => { throw vscode.FileSystemError.NoPermissions(uri); };
  const changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  return vscode.Disposable.from(changed, vscode.workspace.registerFileSystemProvider(diskScheme, {
    onDidChangeFile: changed.event,
    watch: () => new vscode.Disposable(() => undefined),
    stat: (uri) => vscode.workspace.fs.stat(onDisk(uri)),
    readFile: (uri) => vscode.workspace.fs.readFile(onDisk(uri)),
    readDirectory: (uri) => vscode.workspace.fs.readDirectory(onDisk(uri)),
    createDirectory: refuse, writeFile: refuse, delete: refuse, rename: refuse,
  }, { isCaseSensitive: true, isReadonly: true }));
}
