"""Code that all topics share: frames in and out (`frames`), results (`result`), translated texts (`text`), formatted numbers (`numbers`)."""
