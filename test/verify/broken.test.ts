/** Rewrites that break a program: verify catches each kind. */
import { describe, expect, it } from 'vitest';
import { hasDocker, PORT, server, SLOW_MS, verified, warnWhereSkipped } from './support.ts';

warnWhereSkipped();

describe.skipIf(!hasDocker)('a broken rewrite is caught', { timeout: SLOW_MS }, () => {
  it('where CA certificates are left behind', async () => {
    // A TLS client reads this file before it trusts anybody.
    const client = [
      'COPY <<"EOF" /client.pl',
      'open(my $f, "<", "/etc/ssl/certs/ca-certificates.crt") or die "no certificate is trusted: $!\\n";',
      'print "trusts ", scalar(grep { /BEGIN CERTIFICATE/ } <$f>), "\\n";',
      'EOF',
      'CMD ["perl", "/client.pl"]',
    ].join('\n');
    const certificate = 'COPY ca.crt /etc/ssl/certs/ca-certificates.crt\n';
    const ca = '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n';
    const { status, report } = await verified(`${certificate}${client}`, client, [], {
      'ca.crt': ca,
    });
    expect(report.program).toMatchObject([
      {
        sameness: 'different',
        details: ['after: no certificate is trusted: No such file or directory'],
        seen: { before: { stdout: { text: 'trusts 1\n' } }, after: { status: 2 } },
      },
    ]);
    expect(report.size?.before.onlyHere).toMatchObject([{ folder: '/etc/ssl', files: 1 }]);
    expect(status).toBe(1);
  });

  it('where a needed package is left behind', async () => {
    const { status, report } = await verified(
      'CMD ["hostname"]',
      'RUN dpkg --purge --force-all hostname\nCMD ["hostname"]',
    );
    expect(report.program).toMatchObject([
      {
        sameness: 'different',
        after: 'does not start',
        seen: { before: { status: 0, stdout: { text: 'dfopt-verify\n' } } },
      },
    ]);
    expect(status).toBe(1);
  });

  it('where CMD is another', async () => {
    // That does the same.
    const { status, report } = await verified('CMD ["id", "-u"]', 'CMD id -u');
    expect(report.configuration).toEqual([
      {
        field: 'Cmd',
        before: '["id","-u"]',
        after: '["/bin/sh","-c","id -u"]',
        kind: 'counts',
      },
    ]);
    expect(report.program).toMatchObject([{ sameness: 'same' }]);
    expect(status).toBe(1);
  });

  it('where USER is another', async () => {
    const { status, report } = await verified('CMD ["id", "-u"]\nUSER nobody', 'CMD ["id", "-u"]');
    expect(report.configuration).toEqual([{ field: 'User', before: 'nobody', kind: 'counts' }]);
    expect(report.program).toMatchObject([
      { sameness: 'different', details: ['stdout, line 1: "65534" → "0"'] },
    ]);
    expect(status).toBe(1);
  });

  it('where a file is missing', async () => {
    const { status, report } = await verified(
      'COPY kept /srv/kept\nCMD ["cat", "/srv/kept"]',
      'CMD ["cat", "/srv/kept"]',
    );
    expect(report.configuration).toEqual([]);
    expect(report.program).toMatchObject([
      { sameness: 'different', before: 'exit status 0, 5 bytes of output' },
    ]);
    expect(status).toBe(1);
  });

  it('where an owner is another', async () => {
    const { status, report } = await verified(
      'COPY --chown=33:33 kept /srv/kept\nCMD ["cat", "/srv/kept"]',
      'COPY kept /srv/kept\nCMD ["cat", "/srv/kept"]',
    );
    expect(report.program).toMatchObject([{ sameness: 'same' }]);
    expect(report.files?.attributes).toEqual([
      {
        folder: '/srv',
        attribute: 'owner',
        paths: 1,
        examples: [{ path: '/srv/kept', before: '33:33', after: '0:0' }],
        kind: 'counts',
      },
    ]);
    expect(status).toBe(1);
  });

  it('where the tool of a HEALTHCHECK is left behind', async () => {
    const before = `${server('one')}\nHEALTHCHECK --retries=1 CMD ["hostname"]`;
    const { status, report } = await verified(
      before,
      `${before}\nRUN dpkg --purge --force-all hostname`,
      ['--request', `${PORT}/`],
    );
    expect(report.program).toMatchObject([{ sameness: 'same' }]);
    const health = report.mainProcess?.find(({ what }) => what === 'health');
    expect(health).toMatchObject({ sameness: 'different', before: 'healthy, exit status 0' });
    expect(health?.details[0]).toMatch(/^health: healthy → unhealthy: .*hostname/);
    expect(status).toBe(1);
  });

  it('where the program opens the same files as another owner', async () => {
    const before = `COPY --chown=33:33 kept /srv/kept\n${server('one').replace(
      'use IO::Socket;',
      'use IO::Socket;\nopen(my $f, "<", "/srv/kept");',
    )}`;
    const { report } = await verified(before, before.replace('--chown=33:33 ', ''), [
      '--request',
      `${PORT}/`,
    ]);
    const files = report.mainProcess?.find(({ what }) => what === 'open files');
    // Where the engine's processes cannot be seen from here, it says so.
    expect(files).toMatchObject(
      files?.sameness === 'not seen'
        ? { before: 'not seen' }
        : { sameness: 'different', details: ['owner of /srv/kept: 33:33 → 0:0'] },
    );
  });
});
