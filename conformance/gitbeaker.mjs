// Drives @gitbeaker/rest: `node gitbeaker.mjs STEP [JSON]` prints what the step saw as one JSON value.
// Environment: MODULES (a folder with node_modules), GITLAB_URL, GITLAB_TOKEN.
import { createRequire } from 'node:module';

const { Gitlab, GitbeakerRequestError } = createRequire(`${process.env.MODULES}/`)('@gitbeaker/rest');
const options = { host: process.env.GITLAB_URL, token: process.env.GITLAB_TOKEN };
const gitlab = new Gitlab(options);
const camel = new Gitlab({ ...options, camelize: true });

async function refusal(call) {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof GitbeakerRequestError)) throw error;
    return [error.cause.response.status, error.cause.description];
  }
  return null;
}

const steps = {
  async walkByKeyset() {
    const found = await gitlab.Projects.all({ pagination: 'keyset', orderBy: 'id', sort: 'asc', perPage: 100, simple: true });
    return found.map((project) => project.id);
  },

  async walkByOffset() {
    const { data, paginationInfo } = await gitlab.Projects.all({ perPage: 100, maxPages: 3, showExpanded: true });
    return { count: data.length, ...paginationInfo };
  },

  async onePage() {
    const { data, paginationInfo } = await gitlab.Projects.all({ page: 7, perPage: 50, showExpanded: true });
    return { count: data.length, ...paginationInfo };
  },

  async makeWorld() {
    const group = await gitlab.Groups.create('Team', 'team');
    const project = await gitlab.Projects.create({ name: 'Shop', namespaceId: group.id, initializeWithReadme: true });
    const tokens = {};
    for (const username of ['ada', 'bob']) {
      const user = await gitlab.Users.create({ email: `${username}@x.example`, name: username, username, forceRandomPassword: true });
      await gitlab.ProjectMembers.add(project.id, 40, { userId: user.id });
      tokens[username] = (await gitlab.Users.createPersonalAccessToken(user.id, 'ci', ['api'])).token;
    }
    return { project: project.path_with_namespace, tokens };
  },

  async propose({ project }) {
    await gitlab.Branches.create(project, 'feature/a', 'main');
    const commit = await gitlab.Commits.create(project, 'feature/a', 'Add two, change one', [
      { action: 'create', filePath: 'src/a b.txt', content: 'hello\n' },
      { action: 'create', filePath: 'logo.bin', content: Buffer.from([0, 255]).toString('base64'), encoding: 'base64' },
      { action: 'update', filePath: 'README.md', content: '# The shop\n' },
    ]);
    await gitlab.Commits.create(project, 'feature/a', 'Move one', [
      { action: 'move', filePath: 'src/c.txt', previousPath: 'src/a b.txt' },
      { action: 'chmod', filePath: 'src/c.txt', executeFilemode: true },
      { action: 'delete', filePath: 'logo.bin' },
    ]);
    const issue = await gitlab.Issues.create(project, 'Say hello', { labels: 'greeting,now' });
    const request = await gitlab.MergeRequests.create(project, 'feature/a', 'main', 'Say hello', {
      description: `Closes #${issue.iid}`, removeSourceBranch: true, labels: ['greeting'],
    });
    return { iid: request.iid, issue: issue.iid, stats: commit.stats.total, labels: request.labels };
  },

  async look({ project, iid }) {
    const request = await camel.MergeRequests.show(project, iid);
    const diffs = await camel.MergeRequests.allDiffs(project, iid);
    const commits = await gitlab.MergeRequests.allCommits(project, iid);
    const closed = await gitlab.MergeRequests.allIssuesClosed(project, iid);
    const file = await gitlab.RepositoryFiles.show(project, 'src/c.txt', 'feature/a');
    const tree = await gitlab.Repositories.allRepositoryTrees(project, { ref: 'feature/a', recursive: true });
    return {
      status: request.detailedMergeStatus, reference: request.references.short,
      diffs: diffs.map((diff) => [diff.oldPath, diff.newPath, diff.newFile, diff.bMode]),
      commits: commits.map((commit) => commit.title), closes: closed.map((issue) => issue.iid),
      content: Buffer.from(file.content, 'base64').toString(), tree: tree.map((entry) => entry.path),
    };
  },

  async review({ project, iid }) {
    const note = await gitlab.MergeRequestNotes.create(project, iid, 'Looks *good*');
    const thread = await gitlab.MergeRequestDiscussions.create(project, iid, 'Why so?');
    await gitlab.MergeRequestDiscussions.addNote(project, iid, thread.id, 'Because.');
    await gitlab.MergeRequestDiscussions.resolve(project, iid, thread.id, true);
    await gitlab.MergeRequestNoteAwardEmojis.award(project, iid, note.id, 'thumbsup');
    await gitlab.MergeRequestApprovals.approve(project, iid);
    const { approved_by: by } = await gitlab.MergeRequestApprovals.showConfiguration(project, { mergerequestIId: iid });
    const threads = await gitlab.MergeRequestDiscussions.all(project, iid);
    return { approvedBy: by.map((one) => one.user.username), threads: threads.map((one) => one.notes.length) };
  },

  async annotate({ project, iid }) {
    const { diff_refs: refs } = await gitlab.MergeRequests.show(project, iid);
    const upload = await gitlab.ProjectMarkdownUploads.create(project, {
      content: new Blob(['log\n']), filename: 'build.log',
    });
    const thread = await gitlab.MergeRequestDiscussions.create(project, iid, `See ${upload.markdown}`, {
      position: {
        positionType: 'text', baseSha: refs.base_sha, headSha: refs.head_sha, startSha: refs.start_sha,
        oldPath: 'src/c.txt', newPath: 'src/c.txt', newLine: '1',
      },
    });
    const [note] = thread.notes;
    await gitlab.MergeRequestDiscussions.resolve(project, iid, thread.id, true);
    return { type: note.type, place: [note.position.new_path, note.position.new_line], alt: upload.alt };
  },

  async merge({ project, iid, issue }) {
    const before = await gitlab.MergeRequests.show(project, iid);
    const stale = await refusal(gitlab.MergeRequests.merge(project, iid, { sha: '0'.repeat(40) }));
    const merged = await gitlab.MergeRequests.merge(project, iid, { sha: before.sha, squash: false });
    const branches = await gitlab.Branches.all(project);
    const { state } = await gitlab.Issues.show(issue, { projectId: project });
    return { stale: stale[0], state: merged.state, branches: branches.map((branch) => branch.name), issue: state };
  },

  async plan({ project }) {
    await gitlab.ProjectLabels.create(project, 'bug', '#ff0000');
    const milestone = await gitlab.ProjectMilestones.create(project, 'v1');
    const first = await gitlab.Issues.create(project, 'First', { labels: 'bug', milestoneId: milestone.id });
    const second = await gitlab.Issues.create(project, 'Second');
    await gitlab.IssueLinks.create(project, second.iid, project, first.iid, { linkType: 'relates_to' });
    await gitlab.IssueNotes.create(project, first.iid, 'See the other one');
    await gitlab.Issues.edit(project, second.iid, { stateEvent: 'close', addLabels: 'bug' });
    const open = await gitlab.Issues.all({ projectId: project, state: 'opened', labels: 'bug', scope: 'all' });
    const links = await gitlab.IssueLinks.all(project, first.iid);
    return { open: open.map((issue) => issue.title), linked: links.map((issue) => issue.title), due: milestone.due_date };
  },

  async automate({ project }) {
    await gitlab.ProjectVariables.create(project, 'KEY', 'value', { masked: false });
    const hook = await gitlab.ProjectHooks.add(project, 'http://127.0.0.1:9/', { pushEvents: false, issuesEvents: true });
    const token = await gitlab.ProjectAccessTokens.create(project, 'bot', ['api'], '2027-01-01', { accessLevel: 30 });
    const tag = await gitlab.Tags.create(project, 'v1.0.0', 'main', { message: 'One' });
    const release = await gitlab.ProjectReleases.create(project, {
      tagName: 'v1.0.0', description: 'The *first*', assets: { links: [{ name: 'site', url: 'https://shop.example/' }] },
    });
    const pipelines = await gitlab.Pipelines.all(project);
    const jobs = pipelines.length ? await gitlab.Jobs.all(project, { pipelineId: pipelines[0].id }) : [];
    return {
      variable: (await gitlab.ProjectVariables.show(project, 'KEY')).value, hook: [hook.push_events, hook.issues_events],
      token: typeof token.token, tag: tag.message, release: release.assets.links[0].name, jobs: jobs.length,
    };
  },

  async refusals({ project }) {
    return {
      missing: await refusal(gitlab.Projects.show('no/such')),
      twice: await refusal(gitlab.Branches.create(project, 'main', 'main')),
      incomplete: await refusal(gitlab.MergeRequests.create(project, 'main', undefined, undefined)),
      stranger: await refusal(new Gitlab({ ...options, token: 'glpat-wrong' }).Users.showCurrentUser()),
    };
  },

  async stream({ project }) {
    const archive = await gitlab.Repositories.showArchive(project, { fileType: 'tar.gz' });
    const raw = await gitlab.RepositoryFiles.showRaw(project, 'README.md', 'main');
    return { archive: archive.size > 0, raw };
  },

  async busy() {
    return (await gitlab.Users.showCurrentUser()).username;
  },
};

const [step, argument = '{}'] = process.argv.slice(2);
console.log(JSON.stringify(await steps[step](JSON.parse(argument))));
