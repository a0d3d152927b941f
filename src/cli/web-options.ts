/** What `dfopt review` asks of its page. */
export const WEB_OPTIONS = {
  web: { type: 'boolean', describe: 'In a browser: a page for this machine alone' },
  port: {
    type: 'string',
    requiresArg: true,
    describe: 'With --web: the port of the page; none: one that is free',
  },
  open: { type: 'boolean', describe: 'With --web: open the page in the browser' },
} as const;
