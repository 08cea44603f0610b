/**
 * `npm start` puts a shell between npm and us. A signal to npm ends that shell without reaching us, and a portal
 * or a test run that nobody holds any more would keep its port and its database. So when the shell is gone, we
 * ask ourselves to end, as SIGTERM would have.
 */
export function endWithNpm() {
  if (!process.env.npm_lifecycle_event) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, "SIGTERM");
  }, 500);
  watch.unref();
}
