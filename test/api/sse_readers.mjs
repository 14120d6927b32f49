// Readers of an event stream: READER PATH_OF_EVENTSOURCE_PARSER reads lines "URL KEY QUESTION" and answers each with the text as one line of JSON.
import { createInterface } from 'node:readline';
const [kind, library] = process.argv.slice(2);
const { createParser } = kind === 'eventsource-parser' ? await import(library) : {};

const readers = {
  async 'eventsource-parser'(response) {
    let text = '';
    const parser = createParser({
      onEvent(event) {
        const { type, data } = JSON.parse(event.data);
        if (type === 'token') text += data;
      },
      onError(error) { throw error; }
    });
    const decoder = new TextDecoder();
    for await (const chunk of response.body) parser.feed(decoder.decode(chunk, { stream: true }));
    return text;
  },
  // As the documentation shows it: each chunk that is read must hold whole lines.
  async documentation(response) {
    let text = '';
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    while (true) {
      const { done, value } = await reader.read();
      if (done) break;
      const lines = decoder.decode(value).split('\n');
      for (const line of lines) {
        if (line.startsWith('data: ')) {
          const data = JSON.parse(line.slice(6));
          if (data.type === 'token') text += data.data;
        }
      }
    }
    return text;
  }
};

for await (const line of createInterface({ input: process.stdin })) {
  const [url, key, ...question] = line.split(' ');
  const response = await fetch(url + '/api/v1/chat/stream', {
    method: 'POST',
    headers: { 'X-API-Key': key, 'Content-Type': 'application/json' },
    body: JSON.stringify({ question: question.join(' ') })
  });
  console.log(JSON.stringify(await readers[kind](response)));
}
