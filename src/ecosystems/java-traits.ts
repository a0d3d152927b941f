/** What the sources of a Java program show of the image that it needs. */
import { entriesOf, isWithin, type BuildContext } from '../analysis/context.ts';
import { folderOf } from '../analysis/go-paths.ts';
import type { PackageWish } from './work.ts';

export interface JavaTraits {
  /** Why the program may read its sources, or what lies beside its archive. */
  readonly why: string | undefined;
  /** It compiles, or looks into other programs: a JRE has no means for that. */
  readonly needsCompiler: boolean;
  readonly packages: readonly PackageWish[];
  readonly assumptions: readonly string[];
  /** Projects with pages beside their sources that no archive brings along. */
  readonly pages: readonly string[];
}

const SOURCE = /\.(java|kt|scala|groovy)$/;
/** Packages may be called `test` or `it` as well: the folders below the root of sources do not count. */
const TEST =
  /^((?!src\/main\/(java|kotlin|scala|groovy)\/).)*?(^|\/)(src\/)?(test|androidTest|integrationTest|it)\//;

/** Paths of a project, as code names them that opens files of it. */
const READS_PROJECT =
  /["'][^"'\n]*\bsrc\/(main|test)\/|["'](\.\/)?(target|build)\/(?!\w*:)|["']src["']\s*(,|\+[^"'\n]*\+)\s*["'](main|test)["']/;

/** Settings of a program that name files of the project: pages, templates, folders for what is sent to it. */
const SETTINGS =
  /(^|\/)(src\/main\/resources|config)\/[^/]*\.(properties|ya?ml|xml|conf|json|toml)$/;
const NAMES_PROJECT = /(?<![\w$}])(\.?\/)?src\/main\/(resources|webapp)\b/;

/** Pages beside the sources, which servers inside a program look for where it is started. */
const PAGES = /(^|\/)src\/main\/webapp\//;
const PACKS_PAGES =
  /<packaging>\s*war\b|src\/main\/webapp|\bid\s*\(?\s*["']war["']|\bplugin\s*:\s*["']war["']|^\s*war\s*$|webAppDir/m;

/** Modules of the JDK that no JRE has. */
const NEEDS_COMPILER =
  /\bjavax\.tools\b|\bToolProvider\b|\bcom\.sun\.(tools|jdi|source)\b|\bVirtualMachine\.attach|\bjdk\.jshell\b|\b(ByteBuddyAgent|BlockHound)\.install\b|\bReactorDebugAgent\.init\b/;

/** JTE compiles its templates while the program runs, unless they are compiled already. */
const TEMPLATES = /(^|\/)src\/main\/jte\//;
const TEMPLATES_ARE_BUILT = /\bgg\.jte\.gradle\b|\bjte-(gradle|maven)-plugin\b|\bprecompile\(\s*\)/;
const COMPILES_TEMPLATES = /\bgg\.jte\b[^]*\bTemplateEngine\.create\(|\bnew JavalinJte\(\s*\)/;

/** Artifacts that load an agent into their own Java, for which most JREs have no library. */
const ATTACHES =
  /\b(act-ebean\d?|avaje-agentloader|ebean-agentloader|activejpa-core|tools\.jar|jvm-attach-api)\b/;

const LOADS_LIBRARIES = /\bSystem\.load(Library)?\(|\bcom\.sun\.jna\b|\bLinker\.nativeLinker/;

/** Text that is drawn needs fonts, and a library that finds them. */
const DRAWS =
  /\bjava\.awt\.(Font|Graphics|image|\*|geom|font)|\bjavax\.(swing|imageio|print)\b|\bBufferedImage\b/;

/** Libraries that draw text, by the names of their artifacts. */
const DRAWING =
  /\b(poi(-ooxml)?|easyexcel|jxls|jasperreports|jfreechart|kaptcha|easy-captcha|pdfbox|openhtmltopdf[\w-]*|flying-saucer[\w-]*|itextpdf|batik[\w-]*|thumbnailator|xdocreport[\w.-]*|docx4j[\w-]*)\b/;

const FONTS: PackageWish = {
  what: 'fonts',
  names: (_, manager) => (manager === 'apt' ? ['fontconfig', 'libfreetype6'] : undefined),
};

/** @param files by paths of the image */
export function javaTraits(files: BuildContext | undefined, folder: string): JavaTraits {
  const assumptions: string[] = [];
  let why: string | undefined;
  let needsCompiler = false;
  let draws = false;
  let hasTemplates = false;
  let buildsTemplates = false;
  const pages = new Set<string>();
  const packing: string[] = [];
  for (const { path, kind } of files ? entriesOf(files) : []) {
    if (kind !== 'file' || !isWithin(path, folder)) continue;
    hasTemplates ||= TEMPLATES.test(path);
    const isScript = /(^|\/)(pom\.xml|build\.gradle(\.kts)?|libs\.versions\.toml|build\.sbt)$/;
    const text = files!.texts.get(path);
    const page = PAGES.exec(path);
    if (page) pages.add(path.slice(0, page.index));
    if (SETTINGS.test(path) && NAMES_PROJECT.test(text ?? '')) {
      why ??= `/${path} names ${NAMES_PROJECT.exec(text!)![0]}`;
    }
    if (isScript.test(path)) {
      draws ||= DRAWING.test(text ?? '');
      needsCompiler ||= ATTACHES.test(text ?? '');
      buildsTemplates ||= TEMPLATES_ARE_BUILT.test(text ?? '');
      if (PACKS_PAGES.test(text ?? '')) packing.push(folderOf(path));
      continue;
    }
    if (!SOURCE.test(path) || TEST.test(path.slice(folder.length))) continue;
    if (text === undefined) {
      assumptions.push(`/${path} reads no sources, and asks nothing of the JDK`);
      continue;
    }
    const named = READS_PROJECT.exec(text)?.[0];
    if (named !== undefined) why ??= `/${path} names ${named.replace(/\s+/g, ' ')}`;
    needsCompiler ||= NEEDS_COMPILER.test(text) || COMPILES_TEMPLATES.test(text);
    draws ||= DRAWS.test(text);
    if (LOADS_LIBRARIES.test(text)) {
      assumptions.push(`the libraries of the system that /${path} loads are in the image`);
    }
  }
  return {
    why,
    needsCompiler: needsCompiler || (hasTemplates && !buildsTemplates),
    packages: draws ? [FONTS] : [],
    assumptions: assumptions.slice(0, 2),
    pages: [...pages]
      .map((each) => each.replace(/\/$/, ''))
      .filter((each) => packing.every((other) => !isWithin(each, other))),
  };
}
