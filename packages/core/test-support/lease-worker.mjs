import './typescript-threads.mjs';

await import('../src/leader-election/lease-worker.ts');
