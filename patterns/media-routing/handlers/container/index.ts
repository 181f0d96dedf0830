import { runContainer } from '../run-container';

/** What the image has as its command. */
runContainer(process.env, {}).then(
  (answer) => {
    console.log(JSON.stringify(answer));
    process.exit(0);
  },
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
