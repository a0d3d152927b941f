import { describe, expect, it } from 'vitest';
import type { Tree } from '../support/contexts.ts';
import { seen } from './support.ts';

describe('pip', () => {
  const project: Tree = {
    'requirements.txt': '-r base.txt\nflask>=2 # web\n',
    'base.txt': '--constraint=pins.txt\n-i https://example.com/simple\nrequests \\\n  ==2.0\n',
    'pins.txt': 'urllib3<2\n',
    'app.py': 100,
  };
  const reads = ['base.txt', 'pins.txt', 'requirements.txt'];

  it.each([
    'pip install -r requirements.txt',
    'pip3 install --no-cache-dir -qr requirements.txt',
    'python3 -m pip install --requirement=requirements.txt gunicorn',
    'uv pip install --system -r requirements.txt',
    'pip wheel -r requirements.txt -w /wheels',
  ])('%s', (command) => {
    expect(seen(command, project)?.reads).toEqual(reads);
  });

  it.each([
    'pip install flask',
    "pip install 'uvicorn[standard]>=0.30'",
    'pip list',
    'pip install -U pip',
  ])('is no install of a project: %s', (command) => {
    expect(seen(command, project)).toBeUndefined();
  });

  it.each([
    ['pip install .', '"." installs from the sources of the project'],
    ['pip install -e .', '"-e ." installs from the sources of the project'],
    ['pip install ".[dev]"', '".[dev]" installs from the sources of the project'],
    ['pip install -r requirements.txt .', '"." installs from the sources of the project'],
    ['pip install ./app', './app is not known'],
    ['pip install -r other.txt', 'nothing that is copied before it is /other.txt'],
    ['pip install -r $FILE', 'nobody knows what $FILE says'],
    ['pip install -r secret.txt', 'secret.txt is not among the files that are read'],
  ])('%s: %s', (command, why) => {
    const tree = { ...project, 'secret.txt': 10 };
    expect(seen(command, tree)?.why).toBe(why);
  });

  it.each([
    ['-e .', '"-e ." installs from the sources of the project'],
    ['./lib', '"./lib" installs from the sources of the project'],
    ['lib @ file:///app/lib', '"lib" installs from the sources of the project'],
    ['file:lib', '"file:lib" installs from the sources of the project'],
    [
      '-e git+https://example.com/x.git',
      '"-e git+https://example.com/x.git" is cloned to a folder without a name',
    ],
  ])('refuses the requirement %s', (line, why) => {
    const tree = { 'app/requirements.txt': `${line}\n`, 'app/lib/setup.py': 100 };
    expect(seen('pip install -r requirements.txt', tree, { folder: 'app' })?.why).toBe(why);
  });

  it('reads archives and folders of them', () => {
    const tree: Tree = {
      'deps/requirements.txt': '--find-links wheels\n./own-1.0-py3-none-any.whl\n',
      'deps/wheels/a.whl': 10,
      'own-1.0-py3-none-any.whl': 10,
    };
    expect(seen('pip install --no-index -r deps/requirements.txt', tree)?.reads).toEqual([
      'deps/requirements.txt',
      'deps/wheels',
      'own-1.0-py3-none-any.whl',
    ]);
  });

  it('knows where it writes', () => {
    const tree = { 'requirements.txt': '-e git+https://example.com/x.git#egg=Own\n' };
    expect(seen('pip install --target ./lib -r requirements.txt', tree)?.writes).toEqual([
      'lib',
      'src/Own',
      'src/own',
    ]);
  });

  it('looks elsewhere where a variable says so', () => {
    const asked = { env: { PIP_CONSTRAINT: 'pins.txt' } };
    expect(seen('pip install -r requirements.txt', project, asked)?.why).toMatch(/^PIP_CONSTRAINT/);
  });

  it('does not follow requirements in circles', () => {
    const tree = { 'a.txt': '-r b.txt\n', 'b.txt': '-r a.txt\nflask\n' };
    expect(seen('pip install -r a.txt', tree)?.reads).toEqual(['a.txt', 'b.txt']);
  });
});

describe('pipenv', () => {
  const project = { Pipfile: '[packages]\nflask = "*"\n', 'Pipfile.lock': '{}' };

  it('reads its two files', () => {
    const reads = ['Pipfile', 'Pipfile.lock'];
    expect(seen('pipenv install --system --deploy', project)).toEqual({ reads, writes: [] });
    const asked = { env: { PIPENV_VENV_IN_PROJECT: '1' } };
    expect(seen('pipenv sync', project, asked)).toEqual({ reads, writes: ['.venv'] });
    expect(seen('pipenv install flask', project)).toBeUndefined();
  });

  it('refuses a folder of the project', () => {
    const tree = { Pipfile: '[packages]\nown = {path = ".", editable = true}\n' };
    expect(seen('pipenv install --system', tree)?.why).toMatch(/installs from the sources/);
    const git = { Pipfile: '[packages]\nown = {git = "https://example.com/x", editable = true}\n' };
    expect(seen('pipenv install --system', git)?.why).toBeUndefined();
    expect(seen('pipenv install', { Pipfile: '[packages' })?.why).toBe('Pipfile cannot be read');
  });

  it('refuses an environment that is copied', () => {
    const tree = { ...project, '.venv/bin/python': 10 };
    expect(seen('pipenv install', tree)?.why).toBe(
      'it would install into the .venv that is copied',
    );
  });
});

describe('poetry', () => {
  const file = (text: string): Tree => ({
    'pyproject.toml': text,
    'poetry.lock': '',
    'app/a.py': 1,
  });

  it('reads its manifests where it leaves out the project', () => {
    const tree = file('[tool.poetry.dependencies]\nflask = "^3"\n');
    const reads = ['poetry.lock', 'pyproject.toml'];
    expect(seen('poetry install --no-root --only main', tree)?.reads).toEqual(reads);
    expect(seen('python -m poetry install --no-root', tree)?.reads).toEqual(reads);
    expect(seen('poetry install', tree)?.why).toMatch(/without --no-root/);
    expect(seen('poetry install', file('[tool.poetry]\npackage-mode = false\n'))?.reads).toEqual(
      reads,
    );
    expect(seen('poetry build', tree)).toBeUndefined();
  });

  it.each([
    '[tool.poetry.dependencies]\nown = { path = "../own", develop = true }\n',
    '[tool.poetry.group.dev.dependencies]\nown = [{ path = "./app" }]\n',
    '[project]\ndependencies = ["own @ file:///src/app"]\n',
  ])('refuses a folder: %j', (text) => {
    const tree: Tree = {
      'src/pyproject.toml': text,
      'own/setup.py': 1,
      'src/app/a.py': 1,
    };
    expect(seen('poetry install --no-root', tree, { folder: 'src' })?.why).toMatch(
      /installs from the sources/,
    );
  });
});

describe('uv', () => {
  const tree = (pyproject: string): Tree => ({
    'pyproject.toml': pyproject,
    'uv.lock': '',
    'packages/one/pyproject.toml': '[project]\nname = "one"\n',
  });
  const BUILT = '[project]\nname = "app"\n[build-system]\nrequires = []\n';

  it('installs a project that is no package', () => {
    expect(seen('uv sync --frozen', tree('[project]\nname = "app"\n'))).toEqual({
      reads: ['pyproject.toml', 'uv.lock'],
      writes: ['.venv'],
    });
  });

  it('leaves out the project where that is said', () => {
    expect(seen('uv sync', tree(BUILT))?.why).toMatch(/without --no-install-project/);
    expect(seen('uv sync --no-install-project', tree(BUILT))?.why).toBeUndefined();
    const dynamic = BUILT.replace('name = "app"', 'name = "app"\ndynamic = ["version"]');
    expect(seen('uv sync --no-install-project', tree(dynamic))?.why).toMatch(/leaves version/);
    expect(seen('uv sync --frozen --no-install-project', tree(dynamic))?.why).toBeUndefined();
  });

  it('knows workspaces', () => {
    const text = `${BUILT}[tool.uv.workspace]\nmembers = ["packages/*"]\n`;
    expect(seen('uv sync --no-install-project', tree(text))?.why).toMatch(/workspaces/);
    expect(seen('uv sync --no-install-workspace', tree(text))?.reads).toContain(
      'packages/one/pyproject.toml',
    );
  });

  it('reads the dependencies of a pyproject.toml', () => {
    const text = '[project]\nname = "app"\ndependencies = ["flask"]\n';
    expect(seen('uv pip install -r pyproject.toml', tree(text))?.reads).toEqual(['pyproject.toml']);
    const dynamic = '[project]\nname = "app"\ndynamic = ["dependencies"]\n';
    expect(seen('uv pip install -r pyproject.toml', tree(dynamic))?.why).toMatch(
      /leaves dependencies/,
    );
  });
});

describe('conda', () => {
  it('reads the environment and what pip shall install', () => {
    const tree = {
      'env/environment.yml':
        'dependencies:\n  - python=3.12\n  - pip:\n      - -r more.txt\n      - flask\n',
      'env/more.txt': 'requests\n',
    };
    expect(seen('conda env create -f env/environment.yml', tree)?.reads).toEqual([
      'env/environment.yml',
      'env/more.txt',
    ]);
    const own = { 'environment.yml': 'dependencies:\n  - pip:\n      - -e .\n' };
    expect(seen('mamba env update', own)?.why).toMatch(/"-e \."/);
    expect(seen('conda install numpy', own)).toBeUndefined();
  });
});
