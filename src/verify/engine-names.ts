/** The engines that verify knows, for those who only need to name them. */
export const ENGINES = ['docker', 'podman', 'buildah'] as const;

export type EngineName = (typeof ENGINES)[number];
