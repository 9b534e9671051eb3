// Preloaded into the servers under test (`node --import`): tells the parent process how much CPU they used so far.
// Plain JavaScript, so that no TypeScript loader has to live in the measured process.
process.on('message', (message) => {
  if (message === 'cpu') process.send?.(process.cpuUsage());
});
process.on('disconnect', () => process.exit(0));
