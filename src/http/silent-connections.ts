import type { Server } from "node:http";
import type { Socket } from "node:net";

const graceMs = 500;

/**
 * Connections on which nothing was asked yet. Browsers open some in advance; a server that stops would wait for each as
 * long as for a request whose headers are slow to come.
 */
export function createSilentConnections(server: Server) {
  const silent = new Set<Socket>();
  server.on("connection", (socket) => {
    silent.add(socket);
    socket.once("close", () => silent.delete(socket));
  });
  server.on("request", ({ socket }) => silent.delete(socket));

  return {
    /** Ends them once what is on its way has had the time to arrive. */
    endAfterClosing(): void {
      const ending = setTimeout(() => {
        for (const socket of silent) socket.destroy();
      }, graceMs);
      server.once("close", () => clearTimeout(ending));
    },
  };
}
