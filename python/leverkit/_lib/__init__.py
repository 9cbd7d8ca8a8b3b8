"""What all rooms share: frames in and out (`frames`), results (`result`), texts in their language (`text`), numbers as people write them (`numbers`)."""
