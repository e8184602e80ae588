/**
 * What postgres.js 3.4.9 gets wrong when a connection is lost, and how it is mended: a piece of its text, and what stands in place of it.
 *
 * The numbers are those of the issues at github.com/porsager/postgres, open when this was written. Reasons: docs/adr/0036.
 */
export type Mend = Readonly<{ file: 'connection.js' | 'index.js' | 'query.js'; from: string; to: string }>;

export const MENDED_VERSION = '3.4.9';

export const MENDS: readonly Mend[] = [
  // #1133: what was about to be written stays, and so does the mark that it will be; nothing is ever written there again
  {
    file: 'connection.js',
    from: `    clearImmediate(nextWriteTimer)
    socket.removeListener('data', data)`,
    to: `    clearImmediate(nextWriteTimer)
    chunk = nextWriteTimer = null
    socket.removeListener('data', data)`,
  },
  // #1193: a session that is ended before it began leaves who waits for it waiting, and is asked for again without a pause.
  // #1223: what was told of a session is told to the first statement of the next one.
  // A statement that came between the error of a socket and its end stays, and no answer ever comes for it.
  {
    file: 'connection.js',
    from: `    if (initial)
      return reconnect()

    !hadError && (query || sent.length) && error(Errors.connection('CONNECTION_CLOSED', options, socket))
`,
    to: `    if (initial && (hadError || terminated || options.host[retries + 1]))
      return reconnect()

    ;(initial || query || sent.length) && error(Errors.connection('CONNECTION_CLOSED', options, socket))
    query = results = errorResponse = stream = final = null
    result = new Result()
    rows = 0
`,
  },
  // #1208: nothing is there to write to, and the exception ends the process
  {
    file: 'connection.js',
    from: `    const x = socket.write(chunk, fn)
    nextWriteTimer`,
    to: `    if (!socket) {
      clearImmediate(nextWriteTimer)
      chunk = nextWriteTimer = null
      error(Errors.connection('CONNECTION_CLOSED', options, socket))
      return false
    }
    const x = socket.write(chunk, fn)
    nextWriteTimer`,
  },
  // #1192: a rejection that nobody hears ends the process. A session that does not know its types serves nobody.
  {
    file: 'connection.js',
    from: '      return fetchArrayTypes()\n',
    to: '      return fetchArrayTypes().catch(() => socket && socket.destroy())\n',
  },
  // #1186: statements that waited for their turn in a transaction wait for ever
  {
    file: 'index.js',
    from: '        new Promise((_, reject) => connection.onclose = reject)\n',
    to: `        new Promise((_, reject) => connection.onclose = error => {
          while (queries.length)
            queries.shift().reject(error)
          reject(error)
        })
`,
  },
  // rows of a cursor are worked on while their session is lost: the answer to them would go to whoever is there by then, who
  // loses rows by it; where nobody is, it ends the process
  {
    file: 'connection.js',
    from: `    try {
      const x = await Promise.resolve(query.cursorFn(result))
      rows = 0
`,
    to: `    const read = query
    try {
      read.isHeld = true
      const x = await Promise.resolve(read.cursorFn(result))
      read.isHeld = false
      if (query !== read) return
      rows = 0
`,
  },
  // rows that could not be read would be no rows
  {
    file: 'query.js',
    from: `          if (this.executed && !this.active)
            return { done: true }
`,
    to: `          if (this.lost)
            return Promise.reject(this.lost)
          if (this.executed && !this.active)
            return { done: true }
`,
  },
  {
    file: 'query.js',
    from: `            this.reject = x => (this.active = false, reject(x))
`,
    to: `            this.reject = x => (this.active = false, this.lost = x, reject(x))
`,
  },
  // who ends a pool while a session of it is lost waits for ever
  {
    file: 'connection.js',
    from: `    onclose(connection, Errors.connection('CONNECTION_CLOSED', options, socket))
`,
    to: `    ended && (ended(), ending = ended = null)
    onclose(connection, Errors.connection('CONNECTION_CLOSED', options, socket))
`,
  },
  // all rows of a COPY are here, and who reads them asks for more when their session is gone: the exception ends the process
  {
    file: 'connection.js',
    from: `    stream = new Stream.Readable({
      read() { socket.resume() }
`,
    to: `    const from = socket
    stream = new Stream.Readable({
      read() { from.resume() }
`,
  },
  // as long as nobody is let in, one statement after another waits out its attempt: there are soon more than are ever told. Who
  // has waited as long as an attempt may take is told with the next one that fails
  {
    file: 'index.js',
    from: `      : queries.push(query)
  }
`,
    to: `      : (query.waitsSince = performance.now(), queries.push(query))
  }
`,
  },
  {
    file: 'index.js',
    from: `  function onclose(c, e) {
`,
    to: `  function onclose(c, e) {
    // one that served is still among them
    if (open.length + busy.length + full.length + reserved.length === 0) {
      const since = performance.now() - 1000 * options.connect_timeout
      for (let left = queries.length; left > 0; left--) {
        const query = queries.shift()
        query.waitsSince < since ? query.reject(e) : queries.push(query)
      }
    }
`,
  },
  // silence.ts looks after each socket
  {
    file: 'connection.js',
    from: `    x.on('error', error)
`,
    to: `    backend.pid = null
    options.onsocket && options.onsocket({
      socket: x,
      since: performance.now(),
      pid: () => backend.pid,
      // rows that are worked on, or not taken, and a COPY that more is to be written for keep the server waiting, not us
      isAsked: () => terminated || (socket || x).writableLength > 0 ||
        (query !== null && !query.isHeld && !(stream && stream.write) && !(socket || x).isPaused()),
      end: cause => (socket || x).destroy(cause)
    })
    x.on('error', error)
`,
  },
  {
    file: 'index.js',
    from: `    socket          : o.socket,
`,
    to: `    socket          : o.socket,
    onsocket        : o.onsocket,
`,
  },
];
