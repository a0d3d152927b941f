/** What packages of dnf and yum add to an image: the shape of rpm-packages.json. */
export interface RpmPackages {
  readonly source: string;
  /** In bytes, with what comes along on a small image of Fedora or Red Hat. */
  readonly packages: Readonly<Record<string, number>>;
  /** What fetched metadata of repositories takes, by `ID` in `/etc/os-release`; `other` for the rest. */
  readonly metadata: Readonly<Record<string, { readonly bytes: number; readonly source: string }>>;
}
