// Answers the parent's question how much of the machine this process has used.
export function tellUsage({ countsEncodings = false } = {}) {
  let encodings = 0;
  if (countsEncodings) {
    const { stringify } = JSON;
    JSON.stringify = (value, ...rest) => {
      if (value?.metadata?.name?.startsWith?.('watched-')) encodings += 1;
      return stringify(value, ...rest);
    };
  }
  return {
    begin() {
      process.on('message', () => {
        const { user, system } = process.cpuUsage();
        process.send({ cpuMs: (user + system) / 1000, rss: process.memoryUsage.rss(), encodings });
      });
    },
  };
}
