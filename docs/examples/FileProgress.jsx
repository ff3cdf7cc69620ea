// A file input that shows the progress of its file's transcription, then the result.
import React, { useState } from "react";
import { createRoot } from "react-dom/client";
import { transcribeFile } from "./transcribe-file.mjs";

function FileProgress({ base }) {
  const [percent, setPercent] = useState(null);
  const [result, setResult] = useState(null);

  const start = async (file) => {
    setPercent(0);
    const done = await transcribeFile(base, file, ({ progress }) => progress && setPercent(progress));
    setPercent(null);
    setResult(done);
  };

  return (
    <>
      <input type="file" onChange={(event) => start(event.target.files[0])} />
      {percent !== null && <progress value={percent} max="100" />}
      {result && <pre>{JSON.stringify(result)}</pre>}
    </>
  );
}

createRoot(document.getElementById("root")).render(<FileProgress base={window.gateway} />);
