// The least that a server of JSON can do: it reads a body and writes it again. What is asked to be watched is told of each.
import { createServer } from 'node:http';
import { tellUsage } from './tell-usage.mjs';

const watchers = new Set();
const server = createServer((request, response) => {
  if (request.url.includes('watch=true')) {
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    watchers.add(response);
    response.on('close', () => watchers.delete(response));
    return;
  }
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.from(JSON.stringify(JSON.parse(Buffer.concat(chunks).toString())));
    response.writeHead(201, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
    const event = Buffer.from(`{"type":"ADDED","object":${body.toString()}}\n`);
    for (const watcher of watchers) watcher.write(event);
  });
});
server.keepAliveTimeout = 90_000;
server.listen(0, '127.0.0.1', () => {
  tellUsage().begin();
  process.send({ url: `http://127.0.0.1:${server.address().port}` });
});
