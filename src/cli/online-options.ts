/** `--online` and what belongs to it: whether registries are asked, and for which platform. */
import type { Platform } from '../facts/observed.ts';
import { DEFAULT_PLATFORM, parsePlatform } from '../sources/registry/platform.ts';
import { isHost } from '../sources/registry/reference.ts';
import { lastString, words, type Arguments } from './command.ts';
import { UsageError } from './usage.ts';

export interface Online {
  readonly platform: Platform;
  /** Registries that may be asked without TLS. */
  readonly insecure: readonly string[];
}

/**
 * @returns `undefined` where nothing is to be asked
 * @throws UsageError
 */
export function onlineOf(argv: Arguments): Online | undefined {
  const isOn = [argv['online']].flat().at(-1) === true;
  const platform = lastString(argv['platform']);
  const insecure = words(argv['insecure-registry']);
  if (!isOn) {
    if (platform !== undefined && argv['image'] === undefined) {
      throw new UsageError('--platform needs --online or --image');
    }
    if (insecure.length > 0) throw new UsageError('--insecure-registry needs --online');
    return undefined;
  }
  const wrong = insecure.find((host) => !isHost(host));
  if (wrong !== undefined) {
    throw new UsageError(`--insecure-registry is written HOST or HOST:PORT, not "${wrong}"`);
  }
  const parsed = platform === undefined ? DEFAULT_PLATFORM : parsePlatform(platform);
  if (!parsed) throw new UsageError(`--platform is written linux/arm64, not "${platform}"`);
  return { platform: parsed, insecure };
}
