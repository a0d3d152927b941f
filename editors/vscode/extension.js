/** Starts `dfopt lsp` for the Dockerfiles of the editor. */
const { workspace } = require('vscode');
const { LanguageClient, TransportKind } = require('vscode-languageclient/node');

let client;

exports.activate = async () => {
  const settings = workspace.getConfiguration('dfopt');
  const run = {
    command: settings.get('command'),
    args: ['lsp', ...settings.get('arguments')],
    transport: TransportKind.stdio,
  };
  client = new LanguageClient('dfopt', 'dfopt', run, {
    // The server must know what stands in an ignore file that is not saved yet.
    documentSelector: [{ language: 'dockerfile' }, { pattern: '**/*.dockerignore' }],
    synchronize: {
      fileEvents: workspace.createFileSystemWatcher(
        '**/{.dockerignore,package.json,*lock*,go.mod,go.sum,pom.xml,requirements*.txt,pyproject.toml,Gemfile,Cargo.toml,composer.json}',
      ),
    },
  });
  await client.start();
};

exports.deactivate = () => client?.stop();
