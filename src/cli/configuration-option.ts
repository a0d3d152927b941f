/** `--config`, of all commands that go by configuration files. */
export const CONFIGURATION_OPTION = {
  config: {
    type: 'string',
    requiresArg: true,
    describe: 'The configuration file; none: found above each file; --no-config: no file',
  },
} as const;
