const answer = await fetch('http://127.0.0.1:8000/').catch(() => undefined);
process.exitCode = answer?.ok ? 0 : 1;
