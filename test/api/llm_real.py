"""Serves a GGUF file through xllamacpp: llm_real.py MODEL PORT. Prints the address when it listens; ends on SIGTERM."""
import signal
import sys

import xllamacpp as x

p = x.CommonParams()
p.model.path = sys.argv[1]
p.hostnames = ["127.0.0.1"]
p.port = int(sys.argv[2])
p.n_ctx = 4096
p.n_parallel = 1
p.cpuparams.n_threads = 1  # a second one spins at a barrier and costs more than it gives
p.endpoint_slots = True
s = x.Server(p)
print(s.listening_address, flush=True)
signal.sigwait({signal.SIGTERM, signal.SIGINT})
