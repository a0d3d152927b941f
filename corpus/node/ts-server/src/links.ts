import { nanoid } from 'nanoid';

export interface Link {
  readonly id: string;
  readonly target: string;
  hits: number;
}

const links = new Map<string, Link>();

export function addLink(target: string): Link {
  const link: Link = { id: nanoid(8), target: new URL(target).href, hits: 0 };
  links.set(link.id, link);
  return link;
}

export function follow(id: string): Link | undefined {
  const link = links.get(id);
  if (link) link.hits += 1;
  return link;
}

export const countLinks = (): number => links.size;
