/** What the sources of a Java program show of the image that it needs. */
import { entriesOf, isWithin, type BuildContext } from '../analysis/context.ts';
import type { PackageWish } from './work.ts';

export interface JavaTraits {
  /** Why the program may read its sources, or what lies beside its archive. */
  readonly why: string | undefined;
  /** It compiles, or looks into other programs: a JRE has no means for that. */
  readonly needsCompiler: boolean;
  readonly packages: readonly PackageWish[];
  readonly assumptions: readonly string[];
}

const SOURCE = /\.(java|kt|scala|groovy)$/;
const TEST = /(^|\/)(src\/)?(test|androidTest|integrationTest|it)\//;

/** Paths of a project, as code names them that opens files of it. */
const READS_PROJECT =
  /["'][^"'\n]*\bsrc\/(main|test)\/|["'](\.\/)?(target|build)\/(?!\w*:)|["']src["']\s*,\s*["'](main|test)["']/;

/** Modules of the JDK that no JRE has. */
const NEEDS_COMPILER =
  /\bjavax\.tools\b|\bToolProvider\b|\bcom\.sun\.tools\b|\bVirtualMachine\.attach|\bjdk\.jshell\b/;

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
  for (const { path, kind } of files ? entriesOf(files) : []) {
    if (kind !== 'file' || !isWithin(path, folder)) continue;
    hasTemplates ||= TEMPLATES.test(path);
    const isScript = /(^|\/)(pom\.xml|build\.gradle(\.kts)?|libs\.versions\.toml|build\.sbt)$/;
    const text = files!.texts.get(path);
    if (isScript.test(path)) {
      draws ||= DRAWING.test(text ?? '');
      needsCompiler ||= ATTACHES.test(text ?? '');
      buildsTemplates ||= TEMPLATES_ARE_BUILT.test(text ?? '');
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
  };
}
